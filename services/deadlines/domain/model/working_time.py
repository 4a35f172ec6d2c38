"""Working time: when the hub is open, as a sorted table of open intervals that is searched by bisection.

Built once from the pack's opening hours and a versioned list of bank holidays. Local only while the table is built:
everything that is kept or compared is aware UTC, because two local times of one zone subtract by the wall clock, an
hour wrong across a clock change.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.policy.timetable import Calendar

_DAY = timedelta(days=1)
_NONE = timedelta(0)


class CalendarEnds(Exception):
    """The time asked for lies outside the calendar's data: refused, for "none known" is not "no holidays"."""

    reason = "calendar_ends"

    def __init__(self, calendar: str, first: date, last: date) -> None:
        super().__init__(f"calendar {calendar} covers {first} to {last} only: load a newer version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """One version of a place's bank holidays: complete from ``first`` to ``last``, both included."""

    id: str
    version: str
    first: date
    last: date
    days: frozenset[date]
    since: datetime | None = None
    """When it came into force; None for one that was always there."""

    @property
    def ref(self) -> str:
        """Id and version, as each deadline keeps them."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, slots=True)
class _Table:
    """The open intervals: local day, opening, closing, and the working time before each opening."""

    days: list[date] = field(default_factory=list[date])
    opens: list[datetime] = field(default_factory=list[datetime])
    closes: list[datetime] = field(default_factory=list[datetime])
    before: list[timedelta] = field(default_factory=list[timedelta])
    until: list[timedelta] = field(default_factory=list[timedelta])

    def add(self, day: date, opens: datetime, closes: datetime) -> None:
        worked = self.until[-1] if self.until else _NONE
        self.days.append(day)
        self.opens.append(opens)
        self.closes.append(closes)
        self.before.append(worked)
        self.until.append(worked + (closes - opens))


class WorkingTime:
    """Opening hours and bank holidays of one place. Answers in microseconds; raises CalendarEnds outside the data."""

    def __init__(self, conventions: Calendar, holidays: Holidays) -> None:
        self.ref = holidays.ref
        self.since = holidays.since
        self.first, self.last = holidays.first, holidays.last
        self._zone = ZoneInfo(conventions.zone)
        midnights = (holidays.first, holidays.last + _DAY)
        self._begin, self._end = (datetime.combine(day, time(), self._zone).astimezone(UTC) for day in midnights)
        self._table = _Table()
        day = holidays.first
        while day <= holidays.last:
            hours = conventions.hours.get(day.isoweekday())
            if hours is not None and day not in holidays.days:
                opens, closes = (datetime.combine(day, at, self._zone).astimezone(UTC) for at in hours)
                self._table.add(day, opens, closes)
            day += _DAY

    def local_date(self, at: datetime) -> date:
        """The local day of a moment. Raises CalendarEnds for a day without data."""
        self._refuse_outside(at)
        return at.astimezone(self._zone).date()

    def is_open(self, at: datetime) -> bool:
        """True within opening hours, both ends included."""
        self._refuse_outside(at)
        found = bisect_right(self._table.opens, at) - 1
        return found >= 0 and at <= self._table.closes[found]

    def worked_before(self, at: datetime) -> timedelta:
        """Working time from the beginning of the data until ``at``."""
        self._refuse_outside(at)
        found = bisect_right(self._table.opens, at) - 1
        if found < 0:
            return _NONE
        return self._table.before[found] + min(at, self._table.closes[found]) - self._table.opens[found]

    def worked_between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; negative where the end comes first."""
        return self.worked_before(end) - self.worked_before(start)

    def after(self, start: datetime, worked: timedelta) -> datetime:
        """The first moment at which ``worked`` has been worked since ``start``: closing time, not the next opening."""
        target = self.worked_before(start) + worked
        found = bisect_left(self._table.until, target)
        if found == len(self._table.until):
            raise self._ends()
        return self._table.opens[found] + (target - self._table.before[found])

    def opening(self, start: datetime) -> datetime:
        """``start`` itself while open, else the next opening; at closing time the hub is closed."""
        self._refuse_outside(start)
        found = bisect_right(self._table.closes, start)
        if found == len(self._table.closes):
            raise self._ends()
        return max(start, self._table.opens[found])

    def closing(self, start: datetime, days: int, *, same_day: bool = False) -> datetime:
        """Closing time of the ``days``-th working day after the local date of ``start``.

        With ``same_day`` the day of the start counts as day 1, if the hub had not closed by then.
        """
        return self._table.closes[self._day(start, days, same_day=same_day)]

    def same_time(self, start: datetime, days: int) -> datetime:
        """The time of day of ``start`` on the ``days``-th working day after it, moved into that day's opening hours."""
        found = self._day(start, days, same_day=False)
        local = start.astimezone(self._zone)
        at = datetime.combine(self._table.days[found], local.time(), self._zone).astimezone(UTC)
        return min(max(at, self._table.opens[found]), self._table.closes[found])

    def _day(self, start: datetime, days: int, *, same_day: bool) -> int:
        day = self.local_date(start)
        first = bisect_right(self._table.days, day)
        if same_day:
            today = bisect_left(self._table.days, day)
            first = today if today < first and start <= self._table.closes[today] else first
        found = first + days - 1
        if found >= len(self._table.days):
            raise self._ends()
        return found

    def _refuse_outside(self, at: datetime) -> None:
        if not self._begin <= at < self._end:
            raise self._ends()

    def _ends(self) -> CalendarEnds:
        return CalendarEnds(self.ref, self.first, self.last)
