"""One version of a place's closed days: proposed by one person, approved by another, never changed after that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from .working_time import Holidays

SHIPPED = "shipped"
"""Who proposed and approved the version that came with the software."""


class CalendarState(StrEnum):
    """Where a version stands."""

    PROPOSED = "proposed"  # waits for another person; no clock counts by it
    APPROVED = "approved"  # from its date on clocks count by it, until a later one is in force
    WITHDRAWN = "withdrawn"  # taken back by who proposed it
    REJECTED = "rejected"  # turned down by another person


class DayKind(StrEnum):
    """Why the hub is closed on a working day."""

    BANK_HOLIDAY = "bank_holiday"  # England and Wales are
    CLOSURE = "closure"  # this hub alone is


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A day on which the hub is closed. ``local``: put in by people here, so that no shipped version takes it away."""

    date: date
    name: str
    kind: DayKind
    one_off: bool = False
    local: bool = False


class ProposalRefused(ValueError):
    """The change cannot be made to this calendar: ``field`` says where, ``code`` why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field, self.code = field, code


class NotProposed(Exception):
    """The version is settled: a change is the next proposal."""

    code = "already_settled"


class OwnProposal(Exception):
    """Whoever proposed a version does not approve it."""

    code = "own_proposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarVersion:
    """A version, complete from ``first`` to ``last``. ``shipped`` is the newest shipped version that it holds."""

    calendar: str
    version: int
    state: CalendarState
    first: date
    last: date
    days: tuple[ClosedDay, ...]
    effective_from: datetime
    shipped: int
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None

    @property
    def ref(self) -> str:
        """Id and version, as each deadline keeps them."""
        return f"{self.calendar}@{self.version}"

    @property
    def id(self) -> UUID:
        """The same for the same version."""
        return uuid5(NAMESPACE_URL, f"calendar|{self.ref}")

    def holidays(self) -> Holidays:
        """What working time is computed from."""
        days = frozenset(day.date for day in self.days)
        return Holidays(
            id=self.calendar,
            version=str(self.version),
            first=self.first,
            last=self.last,
            days=days,
            since=self.since if self.settled_at and self.version > 1 else None,
        )

    @property
    def since(self) -> datetime:
        """Of an approved version: from when on clocks could count by it."""
        return max(self.effective_from, self.settled_at or self.effective_from)

    def approved(self, by: str, at: datetime) -> CalendarVersion:
        """Approved by another person. Raises NotProposed, OwnProposal."""
        self._refuse_settled()
        if by == self.proposed_by:
            raise OwnProposal
        return replace(self, state=CalendarState.APPROVED, settled_by=by, settled_at=at)

    def ended(self, by: str, at: datetime) -> CalendarVersion:
        """Withdrawn by who proposed it, rejected by anybody else. Raises NotProposed."""
        self._refuse_settled()
        state = CalendarState.WITHDRAWN if by == self.proposed_by else CalendarState.REJECTED
        return replace(self, state=state, settled_by=by, settled_at=at)

    def _refuse_settled(self) -> None:
        if self.state is not CalendarState.PROPOSED:
            raise NotProposed


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChange:
    """What is to be different: days added and opened again, a later end, the days of the newest shipped version."""

    add: tuple[ClosedDay, ...] = ()
    remove: frozenset[date] = frozenset()
    last: date | None = None
    shipped: CalendarVersion | None = None
    effective_from: datetime


def changed(before: CalendarVersion, change: CalendarChange, *, version: int, by: str, at: datetime) -> CalendarVersion:
    """The proposal. Raises ProposalRefused where a day is closed already, is not closed, or lies outside; where a year
    would have no day at all (a forgotten year, not one without holidays); where nothing would be different; and where
    it would count only after the end of the calendar.

    It counts from the time that was asked for, also where the version before waits for a later one: days are absolute
    dates, and this version holds that one's as well.
    """
    base = _with_shipped(before, change.shipped)
    days = {day.date: day for day in base.days}
    last = max(base.last, change.last or base.last)
    if change.last is not None and change.last < base.last:
        raise ProposalRefused("last", "ends_earlier")
    if change.remove - days.keys():
        raise ProposalRefused("remove", "not_closed")
    if any(day.date in days and day.date not in change.remove for day in change.add):
        raise ProposalRefused("add", "closed_already")
    if any(not base.first <= day.date <= last for day in change.add):
        raise ProposalRefused("add", "outside_the_calendar")
    kept = [day for day in base.days if day.date not in change.remove]
    made = tuple(sorted((*kept, *change.add), key=lambda day: day.date))
    if set(range(base.first.year, last.year + 1)) - {day.date.year for day in made}:
        raise ProposalRefused("last", "year_without_days")
    if (made, last) == (before.days, before.last):
        raise ProposalRefused("", "nothing_changes")
    if change.effective_from.date() > last:
        raise ProposalRefused("effective_from", "counts_too_late")
    return replace(
        base,
        version=version,
        state=CalendarState.PROPOSED,
        last=last,
        days=made,
        effective_from=change.effective_from,
        proposed_by=by,
        proposed_at=at,
        settled_by=None,
        settled_at=None,
    )


def _with_shipped(before: CalendarVersion, shipped: CalendarVersion | None) -> CalendarVersion:
    """The newest shipped days, and beside them those that people here have put in."""
    if shipped is None:
        return before
    known = {day.date for day in shipped.days}
    local = [day for day in before.days if day.local and day.date not in known]
    days = tuple(sorted((*shipped.days, *local), key=lambda day: day.date))
    return replace(before, first=min(before.first, shipped.first), last=max(before.last, shipped.last), days=days,
                   shipped=shipped.shipped)  # fmt: skip


def in_force(versions: Iterable[CalendarVersion], now: datetime) -> CalendarVersion | None:
    """The latest approved version whose date has come."""
    found = [one for one in versions if one.state is CalendarState.APPROVED and one.effective_from <= now]
    return max(found, key=lambda one: one.version, default=None)


def one_after_another(versions: Iterable[CalendarVersion], last: int) -> list[CalendarVersion]:
    """The approved versions that were in force until version ``last`` was, and that one, in this order. One whose date
    came only after a later version counted was never in force.
    """
    approved = [one for one in versions if one.state is CalendarState.APPROVED and one.version <= last]
    found: list[CalendarVersion] = []
    for one in sorted(approved, key=lambda one: -one.version):
        if not found or one.since < found[-1].since:
            found.append(one)
    return found[::-1]


def first_difference(one: CalendarVersion, other: CalendarVersion) -> date:
    """The first day that is closed in one of them only: no clock due before it moves. ``other.last`` where none is."""
    days = {day.date for day in one.days} ^ {day.date for day in other.days}
    return min(days, default=other.last)
