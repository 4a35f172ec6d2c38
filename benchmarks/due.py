"""When a clock is due: the table of open intervals, beside counting on day by day as one would without it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure, Options, median
from services.deadlines.adapters.repositories.calendars import load_holidays
from services.deadlines.domain.model.due import compute_due
from services.deadlines.domain.model.working_time import Holidays, WorkingTime
from shared.policy.loader import load_pack
from shared.policy.timetable import Basis, Calendar, Within
from shared.service import ROOT

STARTS = 2000
ROUNDS = 9
CLOCKS = (
    ("24 hours elapsed", Within(Basis.ELAPSED, 24 * 60)),
    ("6 working hours", Within(Basis.WORKING_HOURS, 6 * 60)),
    ("1 working day", Within(Basis.WORKING_DAYS, 1)),
    ("45 working days", Within(Basis.WORKING_DAYS, 45)),
)


async def run(options: Options) -> list[Figure]:
    """Median of nine rounds over 2,000 receipts of six years, in processor time; both give the same answers."""
    del options
    pack = load_pack(ROOT / "policies")
    holidays = load_holidays(ROOT / "policies", pack.calendar.holidays)
    chance, first = Random(11), datetime(2021, 1, 4, tzinfo=UTC)
    starts = [first + timedelta(minutes=chance.randrange(6 * 365 * 24 * 60)) for _ in range(STARTS)]
    hub = WorkingTime(pack.calendar, holidays)

    def ours(within: Within) -> list[datetime]:
        return [compute_due(within, at, hub) for at in starts]

    def theirs(within: Within) -> list[datetime]:
        return [day_by_day(within, at, pack.calendar, holidays) for at in starts]

    return [_beside(name, partial(ours, within), partial(theirs, within)) for name, within in CLOCKS]


def _beside(name: str, count: Callable[[], list[datetime]], walk: Callable[[], list[datetime]]) -> Figure:
    if count() != walk():
        raise RuntimeError(f"{name}: the two ways to count differ")
    ours, theirs = _micros(count, STARTS), _micros(walk, STARTS)
    return Figure(
        name=name, value=f"{ours:.1f} µs", beside="day by day", there=f"{theirs:.1f} µs", ratio=theirs / ours,
        aim="microseconds",
    )  # fmt: skip


def day_by_day(within: Within, start: datetime, hours: Calendar, holidays: Holidays) -> datetime:
    """Walks on from the start, a day a step, and asks of each when the hub opens and closes."""
    if within.basis is Basis.ELAPSED:
        return start + timedelta(minutes=within.amount)
    zone = ZoneInfo(hours.zone)
    day, left, days = start.astimezone(zone).date(), timedelta(minutes=within.amount), within.amount
    if within.basis is Basis.WORKING_DAYS:
        day += timedelta(days=1)
    while True:
        open_hours = _hours_of(day, hours, holidays, zone)
        if open_hours is not None and within.basis is Basis.WORKING_DAYS:
            days -= 1
            if not days:
                return open_hours[1]
        elif open_hours is not None:
            opens, closes = max(open_hours[0], start), open_hours[1]
            if opens + left <= closes:
                return opens + left
            left -= max(closes - opens, timedelta(0))
        day += timedelta(days=1)


def _hours_of(day: date, hours: Calendar, holidays: Holidays, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    found = hours.hours.get(day.isoweekday())
    if found is None or day in holidays.days:
        return None
    opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in found)
    return opens, closes


def _micros(work: Callable[[], object], items: int) -> float:
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        rounds.append((time.process_time() - began) / items * 1e6)
    return median(rounds)
