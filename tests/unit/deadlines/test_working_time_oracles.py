"""Our calendar and counting beside two outside libraries and beside counting minute by minute, as a person would."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays
from hypothesis import given, settings
from hypothesis import strategies as st

from services.deadlines.domain.model.due import (
    Elapsed,
    PastClosing,
    WorkingDays,
    WorkingHours,
    compute_due,
)
from services.deadlines.domain.model.working_time import WorkingTime
from services.deadlines.domain.policy.preview import preview
from shared.policy.timetable import Basis, Counting, Within
from tests.unit.deadlines.conftest import RULEBOOKS
from tests.unit.deadlines.test_working_time import CONVENTIONS, HOLIDAYS, HUB, LONDON, WEEK, days

FIRST, LAST = HOLIDAYS.first, HOLIDAYS.last
# Without the subdivision Easter Monday and the August bank holiday would silently be missing.
ENGLAND = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST.year, LAST.year + 1))
PUBLISHED = BankHolidays(use_cached_holidays=True)
DIVISION = BankHolidays.ENGLAND_AND_WALES
ONE_OFF = [date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)]
TURNS = [date(year, month, day) for year, month, day in [(2022, 3, 27), (2022, 10, 30), (2026, 3, 29), (2026, 10, 25)]]

near = st.sampled_from([*ONE_OFF, *TURNS, date(2026, 12, 25), date(2028, 1, 3)])
"""Days around which counting goes wrong where it goes wrong at all."""
starts = st.builds(
    lambda day, off, minute: (
        datetime.combine(day, time(), LONDON).astimezone(UTC) + timedelta(days=off, minutes=minute)
    ),
    near,
    st.integers(-9, 3),
    st.integers(0, 24 * 60 - 1),
)
closures = st.frozensets(st.builds(lambda day, off: day + timedelta(days=off), near, st.integers(-9, 12)), max_size=6)


def hub_with(closed: frozenset[date]) -> WorkingTime:
    """The hub with local closures beside the bank holidays."""
    return WorkingTime(CONVENTIONS, replace(HOLIDAYS, first=date(2020, 1, 1), days=HOLIDAYS.days | closed))


def every_day() -> Iterator[date]:
    return (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), LONDON).astimezone(UTC)


def test_every_day_is_open_or_closed_as_both_libraries_say() -> None:
    for day in every_day():
        opened = HUB.is_open(noon(day))
        assert opened == ENGLAND.is_working_day(day), day
        assert opened == PUBLISHED.is_work_day(day, division=DIVISION), day


def test_bank_holidays_on_weekdays_are_the_published_ones() -> None:
    told: list[Any] = PUBLISHED.get_holidays(division=DIVISION)
    published: set[date] = {one["date"] for one in told}
    assert {day for day in published if FIRST <= day <= LAST and day.weekday() < 5} == HOLIDAYS.days
    assert set(ONE_OFF) <= HOLIDAYS.days


@given(st.dates(date(2019, 1, 2), date(2028, 6, 30)), st.integers(1, 60))
def test_the_nth_working_day_is_the_one_both_libraries_count(day: date, amount: int) -> None:
    due = compute_due(days(amount), noon(day), HUB).astimezone(LONDON).date()
    assert due == ENGLAND.get_nth_working_day(day, amount)
    published = day
    for _ in range(amount):
        published = PUBLISHED.get_next_work_day(division=DIVISION, date=published)
    assert due == published


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 30 * 60), closures)
def test_working_hours_are_those_counted_minute_by_minute(
    start: datetime, amount: int, closed: frozenset[date]
) -> None:
    hub = hub_with(closed)
    assert compute_due(Within(Basis.WORKING_HOURS, amount), start, hub) == by_the_minute(start, amount, closed)


def by_the_minute(start: datetime, amount: int, closed: frozenset[date]) -> datetime:
    """Looks at the clock on the wall, minute after minute of real time."""
    at, left = start, amount
    while left:
        local = at.astimezone(LONDON)
        hours = WEEK.get(local.isoweekday())
        day_off = local.date() in closed or not ENGLAND.is_working_day(local.date())
        if hours is not None and not day_off and hours[0] <= local.time() < hours[1]:
            left -= 1
        at += timedelta(minutes=1)
    return at


@settings(deadline=None)
@given(starts, st.integers(1, 30), closures, st.sampled_from(list(Counting)))
def test_days_are_counted_over_closures_and_never_end_on_one(
    start: datetime, amount: int, closed: frozenset[date], counting: Counting
) -> None:
    hub, within = hub_with(closed), Within(Basis.WORKING_DAYS, amount, counting)
    due = compute_due(within, start, hub)
    last = due.astimezone(LONDON).date()
    first = start.astimezone(LONDON).date() + timedelta(days=counting is not Counting.SAME_DAY)
    assert hub.is_open(due)
    assert last not in closed
    between = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    worked = [day for day in between if ENGLAND.is_working_day(day) and day not in closed]
    today_is_over = counting is Counting.SAME_DAY and bool(worked) and worked[0] == first and hub_closed(start)
    assert len(worked) - today_is_over == amount
    assert compute_due(within, start, HUB) <= due  # a closure never makes anything due earlier


def hub_closed(start: datetime) -> bool:
    """Whether the day's work was over by then."""
    closing = WEEK[start.astimezone(LONDON).isoweekday()][1]
    return start > datetime.combine(start.astimezone(LONDON).date(), closing, LONDON).astimezone(UTC)


@given(starts, st.sampled_from(["red-immediate", "red-abuse", "red-bruised-baby", "unrated"]))
def test_red_never_waits_for_morning(start: datetime, route: str) -> None:
    book = RULEBOOKS.active
    found = preview(book, route=route, received_at=start, referrer_kind="involved_professional")
    paging = [one for one in found if book.pack.clocks[one.kind].pages]
    assert paging
    for one in paging:
        assert one.due_at - one.starts_at == timedelta(minutes=book.pack.clocks[one.kind].within.amount)
        assert one.calendar == ""


@pytest.mark.parametrize("turn", TURNS)
def test_the_night_of_a_clock_change_has_no_working_time_and_its_length_in_hours(turn: date) -> None:
    before, after = (datetime.combine(turn + timedelta(days=off), time(), LONDON).astimezone(UTC) for off in (0, 1))
    assert HUB.worked_between(before, after) == timedelta(0)
    assert after - before == timedelta(hours=23 if turn.month == 3 else 25)


KINDS: list[Any] = [
    Elapsed(timedelta(hours=1)),
    WorkingHours(timedelta(hours=1)),
    PastClosing(timedelta(hours=1)),
    WorkingDays(1, Counting.DAY_AFTER),
]
OPERATIONS: list[Callable[[Any, Any], Any]] = [operator.add, operator.sub, operator.lt, operator.le, operator.gt]


@pytest.mark.parametrize(("one", "other"), [pair for pair in product(KINDS, KINDS) if pair[0] is not pair[1]])
def test_no_kind_of_time_mixes_with_another(one: Any, other: Any) -> None:
    for operation in OPERATIONS:
        with pytest.raises(TypeError):
            operation(one, other)
    assert one != other


def test_london_is_the_zone_of_the_pack() -> None:
    assert ZoneInfo(RULEBOOKS.active.pack.calendar.zone) == LONDON
