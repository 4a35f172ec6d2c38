"""What another version would have said: stored facts under two packs, counted. Pure; whence they come is no matter.

Compared is what the machine says on the facts alone; what people made of it afterwards is no part of it. Ranks are the
new pack's where it has the old code, else each pack's own: two versions of one pack always compare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.policy.facts import Facts
from shared.policy.model import Pack
from shared.policy.reading import Reading
from shared.policy.weighing import Weighed, weigh

HOURS: Final = range(24)
NONE: Final = "none"
"""Stands in a table where no outcome is proposed."""


class Lower(StrEnum):
    """In which respect the new version asks for less."""

    RATING = "rating"
    PAGING = "paging"  # the rating no longer pages anybody
    OUTCOME = "outcome"  # the proposed outcome ranks lower, or there is none
    PROPOSAL = "proposal"  # a person may now confirm a lower route


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """One subject of a contact; ``facts`` None where nobody could read what was told."""

    position: int
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class StoredContact:
    """One contact as it was told: ids, never a person."""

    contact_id: UUID
    reference: str
    received_at: datetime
    subjects: tuple[StoredSubject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one pack says of one subject, as far as it is compared."""

    rating: str
    routes: tuple[str, ...]
    proposed_route: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Downgrade:
    """One subject that the new version asks less for."""

    contact_id: UUID
    reference: str
    position: int
    lower: tuple[Lower, ...]
    old: Said
    new: Said


@dataclass(slots=True)
class Tallies:
    """Everything counted so far. Tables are by old and new code, workload by local hour of receipt and rating."""

    contacts: int = 0
    subjects: int = 0
    without_facts: int = 0
    ratings: dict[tuple[str, str], int] = field(default_factory=Counter[tuple[str, str]])
    outcomes: dict[tuple[str, str], int] = field(default_factory=Counter[tuple[str, str]])
    old_hours: dict[tuple[int, str], int] = field(default_factory=Counter[tuple[int, str]])
    new_hours: dict[tuple[int, str], int] = field(default_factory=Counter[tuple[int, str]])
    raised: int = 0
    downgrades: list[Downgrade] = field(default_factory=list[Downgrade])


class Backtest:
    """Replays stored facts under an old and a new pack."""

    def __init__(self, old: Pack, new: Pack) -> None:
        self.old = old
        self.new = new
        self.tallies = Tallies()
        self._zone = ZoneInfo(new.calendar.zone)

    def replay(self, contacts: Iterable[StoredContact]) -> None:
        """Counts these contacts too. Never raises on facts."""
        for contact in contacts:
            self._replay_one(contact)

    def _replay_one(self, contact: StoredContact) -> None:
        tallies, pairs = self.tallies, list[tuple[str, str]]()
        for subject in contact.subjects:
            if subject.facts is None:
                tallies.without_facts += 1
                continue
            reading = Reading.of(subject.facts)
            old, new = weigh(self.old, reading), weigh(self.new, reading)
            pairs.append((self._old_rating(old), self._new_rating(new)))
            tallies.outcomes[old.outcome or NONE, new.outcome or NONE] += 1
            self._compare(contact, subject.position, old, new)
        tallies.contacts += 1
        tallies.subjects += len(pairs)
        for pair in pairs:
            tallies.ratings[pair] += 1
        if pairs:
            self._count_arrival(contact.received_at, pairs)

    def _count_arrival(self, received_at: datetime, pairs: list[tuple[str, str]]) -> None:
        """A contact arrives once, with the highest rating of its subjects."""
        hour = received_at.astimezone(self._zone).hour
        old = max((old for old, _ in pairs), key=lambda code: self.old.ratings[code].rank)
        new = max((new for _, new in pairs), key=lambda code: self.new.ratings[code].rank)
        self.tallies.old_hours[hour, old] += 1
        self.tallies.new_hours[hour, new] += 1

    def _compare(self, contact: StoredContact, position: int, old: Weighed, new: Weighed) -> None:
        if old.routes == new.routes and old.outcome == new.outcome and old.proposed == new.proposed and self._same:
            return
        lower = tuple(self._lower(old, new))
        if lower:
            self.tallies.downgrades.append(
                Downgrade(
                    contact_id=contact.contact_id,
                    reference=contact.reference,
                    position=position,
                    lower=lower,
                    old=_said(self.old, old),
                    new=_said(self.new, new),
                )
            )
        elif self._higher(old, new):
            self.tallies.raised += 1

    @cached_property
    def _same(self) -> bool:
        """Do the same routes and outcomes mean the same in both?"""
        return self.old.routes == self.new.routes and self.old.ratings == self.new.ratings

    def _lower(self, old: Weighed, new: Weighed) -> Iterable[Lower]:
        before, after = self.old.ratings[self._old_rating(old)], self.new.ratings[self._new_rating(new)]
        if after.rank < self._rating_rank(before.code):
            yield Lower.RATING
        if before.pages and not after.pages:
            yield Lower.PAGING
        if self._outcome_rank(new.outcome) < self._outcome_rank(old.outcome):
            yield Lower.OUTCOME
        if new.proposed is not None and old.proposed is None:
            yield Lower.PROPOSAL

    def _higher(self, old: Weighed, new: Weighed) -> bool:
        if self.new.ratings[self._new_rating(new)].rank > self._rating_rank(self._old_rating(old)):
            return True
        return self._outcome_rank(new.outcome) > self._outcome_rank(old.outcome)

    def _old_rating(self, weighed: Weighed) -> str:
        return self.old.routes[weighed.routes[0]].rating

    def _new_rating(self, weighed: Weighed) -> str:
        return self.new.routes[weighed.routes[0]].rating

    def _rating_rank(self, code: str) -> int:
        return (self.new.ratings.get(code) or self.old.ratings[code]).rank

    def _outcome_rank(self, code: str | None) -> int:
        """An outcome of rank 0 lies below every floor, and is still more than none."""
        return -1 if code is None else (self.new.outcomes.get(code) or self.old.outcomes[code]).rank


def _said(pack: Pack, weighed: Weighed) -> Said:
    return Said(
        rating=pack.routes[weighed.routes[0]].rating,
        routes=weighed.routes,
        proposed_route=weighed.proposed,
        outcome=weighed.outcome,
    )
