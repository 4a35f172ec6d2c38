"""What links do to a contact's clocks: a duplicate's run elsewhere, and a primary counts from the earlier receipt.

A link holds from when it was said until it is taken back. A duplicate's clocks are ended by it only while it tells the
duplicate's rating: where that has risen since, the primary does not know it yet, and they run until the link is said
again. All of it follows from the facts and their times, never from the order in which they were heard of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.deadlines.domain.model.occurrence import (
    DECIDED,
    LINKED,
    MADE_ELSEWHERE,
    RATED,
    RECEIVED_WITH,
    UNLINKED,
    Occurrence,
)

from .rulebook import Rulebook

_RANK = {RATED: 0, LINKED: 1, UNLINKED: 2}
"""What happened at the same moment: the link tells the rating of that moment, and taking it back has the last word."""


DUPLICATE = "duplicate"
"""The role in a link of the contact whose work is done on the other."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A link that ends this contact's clocks of these kinds since ``since``."""

    kinds: frozenset[str]
    since: datetime


class Links:
    """The links of one contact, as its facts have them."""

    def __init__(self, rulebook: Rulebook, happened: Sequence[Occurrence]) -> None:
        self._rulebook = rulebook
        self._happened = happened
        ids = {one.item_id for one in happened if one.event == LINKED and one.item_id is not None}
        self.holds = [hold for link_id in sorted(ids) if (hold := self._hold(link_id)) is not None]

    @property
    def linked_at(self) -> datetime | None:
        """Since when this contact's work is done on another; None where it is done here."""
        return min((hold.since for hold in self.holds), default=None)

    def ending_since(self, kind: str) -> datetime | None:
        """Since when a link has ended clocks of this kind; None where none does."""
        return min((hold.since for hold in self.holds if kind in hold.kinds), default=None)

    def received_at(self) -> datetime | None:
        """The earliest receipt that a link which still holds gives this contact; None where none does."""
        return min(
            (one.occurred_at for one in self._happened if one.event == RECEIVED_WITH and self._stands(one.item_id)),
            default=None,
        )

    def _stands(self, link_id: UUID | None) -> bool:
        said = [one.occurred_at for one in self._of(link_id, LINKED)]
        taken_back = [one.occurred_at for one in self._of(link_id, UNLINKED)]
        return bool(said) and (not taken_back or max(said) > max(taken_back))

    def _of(self, link_id: UUID | None, event: str) -> Iterator[Occurrence]:
        return (one for one in self._happened if one.event == event and one.item_id == link_id)

    def _hold(self, link_id: UUID) -> Hold | None:
        about = [one for one in self._happened if one.event == RATED or one.item_id == link_id]
        told = _Told(self._rulebook, {})
        kinds: frozenset[str] = frozenset()
        since: datetime | None = None
        for one in sorted((one for one in about if one.event in _RANK), key=_in_time):
            if one.event == LINKED and one.subject_id is None:
                kinds = self._rulebook.effect(one).cancels
            told.hear(one, link_id)
            since = (since or one.occurred_at) if kinds and told.all_told else None
        return Hold(kinds, since) if since is not None else None


def still_holding(happened: Sequence[Occurrence]) -> list[Occurrence]:
    """What happened, without the decisions that came here by a link which has been taken back: the contact must be
    decided by itself.
    """
    known = {one.item_id for one in happened if one.event == LINKED and one.attributes.get("role") == DUPLICATE}
    said = [one for one in happened if one.item_id in known]
    last = {
        link_id: max((one.occurred_at, one.event == UNLINKED) for one in said if one.item_id == link_id)
        for link_id in known
    }
    alone = bool(last) and all(taken_back for _, taken_back in last.values())
    unlinked = max((one.occurred_at for one in said if one.event == UNLINKED), default=None)

    def stale(one: Occurrence) -> bool:
        elsewhere = one.event == DECIDED and bool(one.attributes.get(MADE_ELSEWHERE))
        return elsewhere and (alone or (unlinked is not None and one.occurred_at <= unlinked))

    return [one for one in happened if not stale(one)]


@dataclass(slots=True)
class _Told:
    """Which of the contact's ratings a link has told, at one moment after the other."""

    rulebook: Rulebook
    ratings: dict[UUID | None, tuple[int, int]]
    linked: bool = False
    version: int = 0
    said: dict[UUID | None, int] = field(default_factory=dict[UUID | None, int])

    def hear(self, one: Occurrence, link_id: UUID) -> None:
        """The next moment."""
        if one.event == RATED:
            found = (one.version, self.rulebook.urgency(str(one.attributes["rating"])))
            self.ratings[one.subject_id] = max(self.ratings.get(one.subject_id, found), found)
        elif one.event == UNLINKED:
            self.linked = False
        elif one.item_id == link_id and one.version >= self.version:
            if one.version > self.version:
                self.said = {}
            self.linked, self.version = True, one.version
            if one.subject_id is not None:
                rating = one.attributes.get("rating")
                self.said[one.subject_id] = self.rulebook.urgency(str(rating)) if rating else 0

    @property
    def all_told(self) -> bool:
        """True where the link holds and no subject is rated higher than it says."""
        return self.linked and all(
            urgency <= self.said.get(subject_id, 0) for subject_id, (_, urgency) in self.ratings.items()
        )


def _in_time(one: Occurrence) -> tuple[datetime, int, int, bool, str]:
    return (one.occurred_at, _RANK[one.event], one.version, one.subject_id is not None, str(one.id))
