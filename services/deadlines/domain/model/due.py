"""Two kinds of clock that cannot be mixed: elapsed time (UTC arithmetic) and working time (the hub's calendar).

Neither type adds to, subtracts from or compares with the other: each only answers when it is due and where its shares
lie. A share of a working clock is a share of working time, so that its warnings never come in the night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from shared.policy.timetable import Basis, Counting, Within

from .working_time import WorkingTime

WHOLE = 1.0


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time by the clock, day and night."""

    length: timedelta

    def due(self, start: datetime, calendar: WorkingTime) -> datetime:  # noqa: ARG002 -- one shape for all durations
        """Real hours later, whatever the wall clock does in between."""
        return _utc(start) + self.length

    def share(self, share: float, start: datetime, due: datetime, calendar: WorkingTime) -> datetime:  # noqa: ARG002
        """The moment at which ``share`` of the time has gone."""
        return due if share >= WHOLE else start + (due - start) * share


class _Working:
    """What clocks in working time have in common."""

    __slots__ = ()

    def share(self, share: float, start: datetime, due: datetime, calendar: WorkingTime) -> datetime:
        """The moment at which ``share`` of the working time between start and due has gone."""
        worked = calendar.worked_between(start, due)
        return due if share >= WHOLE or not worked else calendar.after(start, worked * share)


@dataclass(frozen=True, slots=True)
class WorkingHours(_Working):
    """Time within opening hours."""

    length: timedelta

    def due(self, start: datetime, calendar: WorkingTime) -> datetime:
        """When so much has been worked since the start. Raises CalendarEnds."""
        return calendar.after(_utc(start), self.length)


@dataclass(frozen=True, slots=True)
class PastClosing:
    """Time that begins within opening hours and, once begun, runs on past closing time until the work is done."""

    length: timedelta

    def due(self, start: datetime, calendar: WorkingTime) -> datetime:
        """Real hours after the start, or after the next opening for a start while closed. Raises CalendarEnds."""
        return calendar.opening(_utc(start)) + self.length

    def share(self, share: float, start: datetime, due: datetime, calendar: WorkingTime) -> datetime:  # noqa: ARG002
        """The moment at which ``share`` of the time since it began has gone."""
        return due - self.length * (WHOLE - share)


@dataclass(frozen=True, slots=True)
class WorkingDays(_Working):
    """Whole working days, counted as the pack says."""

    days: int
    counting: Counting

    def due(self, start: datetime, calendar: WorkingTime) -> datetime:
        """Closing time of the last day, or the start's time of day on it. Raises CalendarEnds."""
        if self.counting is Counting.SAME_CLOCK_TIME:
            return calendar.same_time(_utc(start), self.days)
        return calendar.closing(_utc(start), self.days, same_day=self.counting is Counting.SAME_DAY)


Duration: TypeAlias = Elapsed | WorkingHours | PastClosing | WorkingDays


def duration_of(within: Within) -> Duration:
    """The typed duration of a pack's ``within``."""
    match within.basis:
        case Basis.ELAPSED:
            return Elapsed(timedelta(minutes=within.amount))
        case Basis.WORKING_HOURS:
            length = timedelta(minutes=within.amount)
            return PastClosing(length) if within.past_closing else WorkingHours(length)
        case Basis.WORKING_DAYS:
            return WorkingDays(within.amount, within.counting)


def compute_due(within: Within, start: datetime, calendar: WorkingTime) -> datetime:
    """When a clock that starts at ``start`` (aware) is due, in UTC. Done at that very instant is in time.

    Raises CalendarEnds past the end of the calendar's data, ValueError for a naive start.
    """
    return duration_of(within).due(start, calendar)


def _utc(start: datetime) -> datetime:
    if start.tzinfo is None:
        message = "a clock starts at an aware time"
        raise ValueError(message)
    return start.astimezone(UTC)
