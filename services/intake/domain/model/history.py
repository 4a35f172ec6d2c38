"""What is known already of a contact's subjects: counts over earlier contacts, three measures of "again" kept apart.

Windows end at the contact's first receipt, in business time: 12, 6 and 3 months (calendar months), 7 days.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

_A_WEEK = timedelta(days=7)
_YEAR, _HALF_YEAR, _QUARTER = 12, 6, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """A contact in the order of first receipt."""

    contact_id: UUID
    received_at: datetime
    accepted_at: datetime

    @property
    def place(self) -> tuple[datetime, datetime, UUID]:
        """Where it stands among contacts: what is earlier is history, what is later is not."""
        return (self.received_at, self.accepted_at, self.contact_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier(Moments):
    """One subject of an earlier contact with what was last heard of it."""

    subject_id: UUID
    organisation: str | None = None
    confirmed: bool = True
    one_piece: bool = False
    """Linked as a duplicate or follow-up of the contact that asks: not a contact of its own."""
    rating: str | None = None
    outcome: str | None = None
    counts_as_referral: bool = False
    assessed_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PackWords:
    """The pack's codes that history asks about: the ratings of its lowest rank, outcomes without further action."""

    lowest_ratings: frozenset[str]
    no_further_action: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """As HistoryCounts (the contract) has them."""

    repeat_contacts_12_months: int
    referrals_12_months: int
    assessments_closed_12_months: int
    no_further_action_12_months: int
    closed_6_months: int
    greens_3_months: int
    agencies_7_days: int
    same_home_12_months: int

    @property
    def says_something(self) -> bool:
        """True where anything but this contact itself is counted."""
        own = (self.repeat_contacts_12_months, self.agencies_7_days)
        others = (
            self.referrals_12_months,
            self.assessments_closed_12_months,
            self.no_further_action_12_months,
            self.closed_6_months,
            self.greens_3_months,
            self.same_home_12_months,
        )
        return any(others) or any(count > 1 for count in own)


def counts_of(
    this: Moments,
    organisation: str | None,
    earlier: Iterable[Earlier],
    same_home: Iterable[Moments],
    words: PackWords,
) -> Counts:
    """Counts contacts, each once, over those that are earlier than ``this``."""
    before = [one for one in earlier if one.place < this.place]
    own = [one for one in before if not one.one_piece]
    year, half, quarter = (months_back(this.received_at, n) for n in (_YEAR, _HALF_YEAR, _QUARTER))
    within_a_year = [one for one in own if one.received_at > year]
    agencies = {one.organisation for one in before if one.received_at > this.received_at - _A_WEEK} | {organisation}
    return Counts(
        repeat_contacts_12_months=1 + _contacts(within_a_year),
        referrals_12_months=_contacts([one for one in within_a_year if one.counts_as_referral]),
        assessments_closed_12_months=_contacts([one for one in own if one.assessed_at and one.assessed_at > year]),
        no_further_action_12_months=_contacts([one for one in within_a_year if one.outcome in words.no_further_action]),
        closed_6_months=_contacts([one for one in own if one.closed_at and one.closed_at > half]),
        greens_3_months=_contacts(
            [one for one in own if one.received_at > quarter and one.rating in words.lowest_ratings]
        ),
        agencies_7_days=len(agencies - {None}),
        same_home_12_months=_contacts([one for one in same_home if year < one.received_at and one.place < this.place]),
    )


def _contacts(found: Sequence[Moments]) -> int:
    return len({one.contact_id for one in found})


def months_back(moment: datetime, months: int) -> datetime:
    """The same day and time ``months`` calendar months before, or that month's last day where it is shorter."""
    number = moment.year * 12 + moment.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
