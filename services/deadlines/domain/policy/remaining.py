"""How much of a clock's time has gone: the inverse of where its warning steps lie."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.deadlines.domain.model.due import Elapsed, PastClosing, duration_of
from services.deadlines.domain.model.working_time import CalendarEnds, WorkingTime
from shared.policy.timetable import Within


def share_gone(
    within: Within, *, starts_at: datetime, due_at: datetime, now: datetime, calendar: WorkingTime
) -> float | None:
    """The share of its time that has gone: 0 before it begins, above 1 once it is late.

    Of a clock in working time it is a share of working time, as its warnings are; None outside the calendar's data.
    """
    duration = duration_of(within)
    match duration:
        case Elapsed():
            return _ratio(now - starts_at, due_at - starts_at)
        case PastClosing():
            return _ratio(now - (due_at - duration.length), duration.length)
        case _:
            try:
                whole = calendar.worked_between(starts_at, due_at)
                return _ratio(calendar.worked_between(starts_at, now), whole)
            except CalendarEnds:
                return None


def _ratio(gone: timedelta, whole: timedelta) -> float:
    return max(0.0, gone / whole) if whole else 1.0
