"""Many contacts at once, each with a key and a result of its own. One that cannot be read spoils nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import BaseModel, Field

from shared.web import FieldError, Problem, is_idempotency_key

from .answer_examples import BATCH_ANSWER
from .answers import ContactAccepted
from .contact import contact_schema
from .examples import BATCH

MOST_CONTACTS: Final = 500


class ProblemOut(BaseModel):
    """Why one contact of a batch was not stored (RFC 9457)."""

    type: str = Field(examples=["urn:mash:problem:nobody_could_act"])
    title: str
    status: int
    code: str = Field(examples=["nobody_could_act"])
    detail: str
    errors: list[dict[str, str]] = []


class BatchResult(BaseModel):
    """What became of one contact: 201 new, 200 there already (with the answer it got then), else why not."""

    status: int = Field(examples=[201])
    contact: ContactAccepted | None = None
    problem: ProblemOut | None = None


class BatchAnswer(BaseModel):
    """A result for each contact, in the order they were sent."""

    model_config = BATCH_ANSWER

    results: list[BatchResult]


def batch_schema() -> dict[str, Any]:
    """The body's schema: strict about the list, as lenient about each contact as a single one is read."""
    contact = {name: value for name, value in contact_schema().items() if name != "examples"}
    key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"}
    entry = {
        "type": "object",
        "required": ["idempotency_key", "contact"],
        "properties": {"idempotency_key": key, "contact": contact},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["contacts"],
        "properties": {"contacts": {"type": "array", "minItems": 1, "maxItems": MOST_CONTACTS, "items": entry}},
        "additionalProperties": False,
        "examples": [BATCH],
    }


@dataclass(frozen=True, slots=True)
class Sent:
    """One contact of a batch: its key, and the JSON object that it is, also as text."""

    key: str
    contact: dict[str, Any]
    text: str


class _SaidTwice:
    """Stands where an object had two members of one name, or a number that JSON has not: it can be no part of a
    contact, since one of the two would be lost (RFC 7493).
    """


def read_batch(body: bytes) -> list[Sent | Problem]:
    """The contacts in ``body``, each one that cannot be read as its problem. Raises Problem 400 or 422 where the list
    itself cannot be read.
    """
    try:
        parsed = json.loads(body, parse_constant=lambda _: _SaidTwice(), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Problem(400, "malformed_json", detail="The body is not JSON.") from None
    entries = cast("dict[str, Any]", parsed).get("contacts") if isinstance(parsed, dict) else None
    if not isinstance(entries, list) or len(cast("dict[str, Any]", parsed)) != 1:
        raise _not_a_batch("not_a_batch", 'Send {"contacts": [{"idempotency_key": …, "contact": {…}}, …]}.')
    sent = cast("list[Any]", entries)
    if not 1 <= len(sent) <= MOST_CONTACTS:
        raise _not_a_batch("wrong_number", f"Send 1 to {MOST_CONTACTS} contacts at once.")
    return [_entry(one) for one in sent]


def _once(pairs: list[tuple[str, Any]]) -> Any:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _SaidTwice()


def _entry(one: Any) -> Sent | Problem:
    if not isinstance(one, dict) or set(cast("dict[str, Any]", one)) != {"idempotency_key", "contact"}:
        return _not_valid("not_an_entry", "/", "Each needs idempotency_key and contact, and nothing else.")
    key, contact = one["idempotency_key"], one["contact"]
    if not isinstance(key, str) or not is_idempotency_key(key):
        return _not_valid("idempotency_key_invalid", "/idempotency_key", "Send 1 to 255 visible characters.")
    if not isinstance(contact, dict | _SaidTwice):
        return _not_valid("not_an_object", "/contact", "Send one JSON object that describes the contact.")
    try:
        return Sent(key, cast("dict[str, Any]", contact), json.dumps(contact, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        detail = "The contact has two members of one name, or a number that JSON has not."
        return Problem(400, "malformed_json", detail=detail)


def _not_a_batch(code: str, detail: str) -> Problem:
    return Problem(422, code, detail=detail, errors=[FieldError("/contacts", code, detail)])


def _not_valid(code: str, pointer: str, detail: str) -> Problem:
    return Problem(422, code, detail=detail, errors=[FieldError(pointer, code, detail)])
