"""Fitting what was sent into the form of a contact: what does not fit is taken out, and its place is named.

Nothing is lost by it: the body is kept as it was sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError

from shared.web import Problem

from .contact import ToldIn
from .parts import NAMED_FACTS

Place = tuple[int | str, ...]
KEPT = "Not understood; kept as sent, and a person will look."
MOST_IN_A_LIST = 100
DEEPEST = 100
_MOST_PASSES = 5
_TOO_MANY = f"The first {MOST_IN_A_LIST} are read; all are kept as sent, and a person will look."


@dataclass(frozen=True, slots=True)
class SetAside:
    """One thing that was not understood, and where it stood."""

    place: Place
    code: str
    detail: str = KEPT


ToldT = TypeVar("ToldT", bound=ToldIn)
_WORRIES = ("subjects", "narrative", "facts", *NAMED_FACTS)


@dataclass(slots=True)
class Fitted(Generic[ToldT]):
    """What fits, and what was set aside for it. ``something_told`` is true where a person could act on the rest."""

    told: ToldT
    something_told: bool
    set_aside: list[SetAside] = field(default_factory=list[SetAside])


def parse(body: bytes | str) -> dict[str, Any]:
    """The JSON object in ``body``. Raises Problem 400 for anything else, and for JSON that says two things in one place
    (RFC 7493): one of them would be lost.
    """
    try:
        parsed = json.loads(body, parse_constant=_not_json, object_pairs_hook=_said_once)
    except (ValueError, RecursionError):
        detail = "The body is not JSON in which each member has one value. Send one JSON object."
        raise Problem(400, "malformed_json", detail=detail) from None
    if not isinstance(parsed, dict):
        raise Problem(400, "not_an_object", detail="Send one JSON object that describes the contact.")
    return cast("dict[str, Any]", parsed)


def _not_json(constant: str) -> object:
    raise ValueError(constant)


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def fit(raw: dict[str, Any], into: type[ToldT]) -> Fitted[ToldT]:
    """What is told in ``raw``, with whatever does not fit set aside. Raises Problem 400 for JSON nested without end."""
    set_aside: list[SetAside] = []
    rest = cast("dict[str, Any]", _tidied(raw, (), set_aside))
    told = any(_says_something(rest.get(name)) for name in _WORRIES)
    if isinstance(rest.get("subjects"), dict):
        rest["subjects"] = [rest["subjects"]]
    for _ in range(_MOST_PASSES):
        try:
            return Fitted(into.model_validate(rest), told, set_aside)
        except ValidationError as wrong:
            places = {error["loc"] for error in wrong.errors(include_input=False, include_context=False)}
            # From the back, so that places in a list stay true while earlier ones are taken out.
            back_to_front = sorted(places, key=_position, reverse=True)
            set_aside += [SetAside(_take_out(rest, place), "not_understood") for place in back_to_front]
    set_aside.append(SetAside((), "not_understood"))
    return Fitted(into.model_validate({"subjects": [{} for _ in rest.get("subjects", ())]}), told, set_aside)


def _says_something(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _position(place: Place) -> list[tuple[bool, int, str]]:
    return [(isinstance(part, str), part if isinstance(part, int) else 0, str(part)) for part in place]


def _tidied(value: Any, place: Place, set_aside: list[SetAside]) -> Any:
    """A copy without null members (nothing was said), without characters that are none, and with lists cut short."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if not isinstance(value, dict | list):
        return value
    if len(place) > DEEPEST:
        raise Problem(400, "nested_too_deeply", detail=f"The body is nested more than {DEEPEST} deep.")
    if isinstance(value, list):
        if len(value) > MOST_IN_A_LIST:
            set_aside.append(SetAside(place, "too_many", _TOO_MANY))
        return [_tidied(one, (*place, at), set_aside) for at, one in enumerate(value[:MOST_IN_A_LIST])]
    said = ((_tidied(name, place, set_aside), one) for name, one in value.items() if one is not None)
    return {name: _tidied(one, (*place, name), set_aside) for name, one in said}


def _take_out(tree: Any, place: Place) -> Place:
    """Takes out what stands at ``place``, or the last thing on the way there; returns the place of what it took.

    A subject is never taken out: an empty one stays, so that a person looks for whoever was meant.
    """
    holder: Any = tree
    way = place[:1]
    for part in place[1:]:
        inner = _inside(holder, way[-1])
        if _inside(inner, part) is None:
            break
        holder, way = inner, (*way, part)
    if way[:1] == ("subjects",) and len(way) == 2:  # noqa: PLR2004 -- ("subjects", index)
        holder[way[1]] = {}
    elif way and _inside(holder, way[-1]) is not None:
        del holder[way[-1]]
    return way


def _inside(holder: Any, part: int | str) -> Any:
    """What stands under ``part``; None where nothing does. A null in a list reads as an empty text."""
    if isinstance(holder, dict):
        return holder.get(part)
    if isinstance(holder, list) and isinstance(part, int) and part < len(holder):
        return "" if holder[part] is None else holder[part]
    return None
