"""What was not understood of a contact while it was read: warned of by place, and counted where a person must look.

A warning never repeats a value, nor a member's name that is not ours.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from services.intake.domain.model.contact import Told
from shared.policy import facts as policy_facts

from .contact import ContactIn, InformationIn
from .fitting import Place, SetAside

MOST_WARNINGS = 200
MOST_NAMES = 20
"""Names of fields counted for one subject, so that an event never grows too large; the rest are counted together."""
FACT_NAMES = frozenset({*policy_facts.ANSWERS, *policy_facts.SCALES, *policy_facts.NUMBERS})


def _names() -> set[str]:
    documents: list[dict[str, Any]] = [model.model_json_schema() for model in (ContactIn, InformationIn)]
    schemas = [schema for document in documents for schema in (document, *document["$defs"].values())]
    return {name for schema in schemas for name in schema.get("properties", {})}


_KNOWN_NAMES = FACT_NAMES | _names()


class Aside:
    """Collects them, for one contact or addition."""

    def __init__(self) -> None:
        self._warnings: dict[Told, None] = {}
        self._counts: dict[int | None, Counter[str]] = {}
        """By subject index (None: what is said of no single one), how many values of each field."""

    def put(self, one: SetAside) -> None:
        """Sets it aside: warned of, counted, and a person looks."""
        index = _subject_index(one.place)
        inner = one.place if index is None else one.place[2:]
        named = [part for part in inner if isinstance(part, str) and part in _KNOWN_NAMES]
        self._counts.setdefault(index, Counter())[named[-1] if named else "unknown_field"] += 1
        self.warn(one.place, one.code, one.detail)

    def warn(self, place: Place, code: str, detail: str) -> None:
        """Warns only: it is understood, or does not rate."""
        self._warnings[Told(pointer=_pointer(place), code=code, detail=detail)] = None

    def counted(self, index: int | None) -> dict[str, int]:
        """How many values of each field were set aside of this subject, or of no single one."""
        counts = self._counts.get(index, Counter[str]())
        named = dict(list(counts.items())[:MOST_NAMES])
        rest = counts.total() - sum(named.values())
        return {**named, "unknown_field": named.get("unknown_field", 0) + rest} if rest else named

    def told(self) -> tuple[Told, ...]:
        """Each warning once, and not without end."""
        told = tuple(self._warnings)
        if len(told) <= MOST_WARNINGS:
            return told
        return (*told[:MOST_WARNINGS], Told(pointer="", code="more", detail="More was set aside than is listed here."))


def _subject_index(place: Place) -> int | None:
    match place:
        case ("subjects", int(index), *_):
            return index
        case _:
            return None


def _pointer(place: Place) -> str:
    """A JSON pointer as far as the names are ours: an unknown member's name could be anything."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, str) and part not in _KNOWN_NAMES:
            break
        parts.append(str(part))
    return "".join(f"/{part}" for part in parts)
