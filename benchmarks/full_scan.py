"""What a query came to; and the peer: every child of the register compared with it, as plain systems do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from rapidfuzz.distance import JaroWinkler

from benchmarks.register import Register, Told

PLACE = UUID("8c7d9e2f-1a3b-4c5d-9e8f-0a1b2c3d4e5f")
_PEER_FROM = 0.75


@dataclass(frozen=True, slots=True)
class Query:
    """Somebody told of, and which child of the register they are; None: none of them."""

    kind: str
    told: Told
    child: int | None


@dataclass(slots=True)
class Tally:
    """What the queries of one kind came to."""

    asked: int = 0
    found: int = 0
    proposed: int = 0
    right: int = 0
    seconds: list[float] = field(default_factory=list[float])

    def add(self, query: Query, proposed: set[UUID], seconds: float) -> None:
        """One answer."""
        truth = None if query.child is None else subject_id(query.child)
        self.asked += 1
        self.found += truth in proposed
        self.proposed += len(proposed)
        self.right += truth in proposed
        self.seconds.append(seconds)


def subject_id(child: int) -> UUID:
    """The subject of a child of the register."""
    return uuid5(PLACE, str(child))


def full_scan(register: Register, queries: Sequence[Query]) -> dict[str, Tally]:
    """Every child compared with the query: the product of Jaro-Winkler likenesses of what both tell, from 0.75 on."""
    known = [_texts(told) for told in register.children]
    tallies: dict[str, Tally] = {}
    for query in queries:
        asked, began = _texts(query.told), time.perf_counter()
        found = {subject_id(child) for child, texts in enumerate(known) if _alike(asked, texts)}
        tallies.setdefault(query.kind, Tally()).add(query, found, time.perf_counter() - began)
    return tallies


def _texts(told: Told) -> tuple[str, str, str, str]:
    address = told.get("address") or {}
    name = f"{told.get('given_name') or ''} {told.get('family_name') or ''}".lower()
    where = f"{' '.join(address.get('lines', []))} {address.get('postcode', '')}".strip().lower()
    return (name, told.get("birth_date") or "", where, told.get("sex") or "")


def _alike(asked: Sequence[str], known: Sequence[str]) -> bool:
    product = 1.0
    for one, other in zip(asked, known, strict=True):
        if one and other:
            product *= JaroWinkler.normalized_similarity(one, other)
            if product < _PEER_FROM:
                return False
    return True
