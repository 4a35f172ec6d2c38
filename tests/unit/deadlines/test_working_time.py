"""Working time: never due in closed time, monotonic, both clock changes, bank holidays, add-then-difference."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.adapters.repositories.calendars import CalendarRefused, load_holidays
from services.deadlines.domain.model.due import Elapsed, WorkingDays, WorkingHours, compute_due, duration_of
from services.deadlines.domain.model.working_time import CalendarEnds, Holidays, WorkingTime
from shared.policy.timetable import Basis, Calendar, Counting, Within
from tests.support.builders_deadlines import POLICIES

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = load_holidays(POLICIES, "england-and-wales")
WEEK = {day: (time(8, 30), time(17, 0)) for day in (1, 2, 3, 4)} | {5: (time(8, 30), time(16, 30))}
CONVENTIONS = Calendar(zone="Europe/London", holidays="england-and-wales", hours=WEEK, default=True)
HUB = WorkingTime(CONVENTIONS, HOLIDAYS)

moments = st.datetimes(datetime(2019, 1, 2), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
minutes = st.integers(1, 60 * 24 * 20)
withins = st.builds(Within, st.just(Basis.WORKING_HOURS), minutes) | st.builds(
    Within, st.just(Basis.WORKING_DAYS), st.integers(1, 60), st.sampled_from(list(Counting))
)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def days(amount: int, counting: Counting = Counting.DAY_AFTER) -> Within:
    return Within(Basis.WORKING_DAYS, amount, counting)


@given(moments, withins)
def test_is_never_due_in_closed_time_nor_before_it_starts(start: datetime, within: Within) -> None:
    due = compute_due(within, start, HUB)
    assert HUB.is_open(due)
    assert due >= start
    assert due.utcoffset() == timedelta(0)


@given(moments, moments, withins)
def test_who_starts_later_is_never_due_earlier(one: datetime, other: datetime, within: Within) -> None:
    # The same time of day on another day may lie earlier in the week's hours, so only within the other conventions.
    if within.counting is not Counting.SAME_CLOCK_TIME or within.basis is Basis.WORKING_HOURS:
        first, second = sorted((one, other))
        assert compute_due(within, first, HUB) <= compute_due(within, second, HUB)


@given(moments, minutes)
def test_adding_and_then_measuring_gives_back_what_was_added(start: datetime, amount: int) -> None:
    length = timedelta(minutes=amount)
    due = WorkingHours(length).due(start, HUB)
    assert HUB.worked_between(start, due) == length
    assert Elapsed(length).due(start, HUB) - start == length


@given(moments, st.integers(1, 60))
def test_one_more_working_day_is_a_later_closing_time(start: datetime, amount: int) -> None:
    assert compute_due(days(amount), start, HUB) < compute_due(days(amount + 1), start, HUB)


@given(moments, withins, st.floats(0.01, 1))
def test_a_share_of_a_working_clock_lies_in_working_time(start: datetime, within: Within, share: float) -> None:
    due = compute_due(within, start, HUB)
    at = duration_of(within).share(share, start, due, HUB)
    assert start <= at <= due
    assert HUB.is_open(at)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-11-18T12:00", 1, "2026-11-19T17:00"),  # Wednesday noon
        ("2026-11-19T09:00", 1, "2026-11-20T16:30"),  # Friday closes earlier
        ("2026-11-20T19:00", 1, "2026-11-23T17:00"),  # Friday evening: Monday is day 1
        ("2026-11-21T10:00", 1, "2026-11-23T17:00"),  # Saturday: Monday is day 1
        ("2026-03-28T12:00", 1, "2026-03-30T17:00"),  # the night the clocks go forward
        ("2026-10-24T12:00", 1, "2026-10-26T17:00"),  # the night they go back
        ("2022-06-01T12:00", 1, "2022-06-06T17:00"),  # both Jubilee days
        ("2022-09-16T12:00", 1, "2022-09-20T17:00"),  # the funeral of 2022, announced at nine days' notice
        ("2023-05-05T12:00", 1, "2023-05-09T17:00"),  # the coronation
        ("2020-05-07T12:00", 1, "2020-05-11T17:00"),  # May Day moved to Friday
        ("2026-12-24T12:00", 2, "2026-12-30T17:00"),  # Christmas, with a substitute day
        ("2026-01-05T09:00", 45, "2026-03-09T17:00"),  # a single assessment
    ],
)
def test_working_days_of_the_hub(start: str, amount: int, due: str) -> None:
    assert compute_due(days(amount), london(start), HUB) == london(due)


@pytest.mark.parametrize(
    ("start", "counting", "due"),
    [
        ("2026-11-18T12:00", Counting.SAME_DAY, "2026-11-18T17:00"),
        ("2026-11-18T17:00", Counting.SAME_DAY, "2026-11-18T17:00"),
        ("2026-11-18T17:01", Counting.SAME_DAY, "2026-11-19T17:00"),
        ("2026-11-21T10:00", Counting.SAME_DAY, "2026-11-23T17:00"),
        ("2026-11-18T12:00", Counting.SAME_CLOCK_TIME, "2026-11-19T12:00"),
        ("2026-11-18T23:00", Counting.SAME_CLOCK_TIME, "2026-11-19T17:00"),
        ("2026-11-19T16:45", Counting.SAME_CLOCK_TIME, "2026-11-20T16:30"),
        ("2026-11-18T03:00", Counting.SAME_CLOCK_TIME, "2026-11-19T08:30"),
        ("2026-03-27T12:00", Counting.SAME_CLOCK_TIME, "2026-03-30T12:00"),
    ],
)
def test_the_other_ways_to_count(start: str, counting: Counting, due: str) -> None:
    assert compute_due(days(1, counting), london(start), HUB) == london(due)


@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_elapsed_hours_are_real_hours_across_a_clock_change(change: str) -> None:
    start = london(f"{change}T00:30")
    due = compute_due(Within(Basis.ELAPSED, 24 * 60), start, HUB)
    assert due - start == timedelta(hours=24)
    assert due.astimezone(LONDON).time() != time(0, 30)


def test_working_hours_end_at_closing_time_not_at_the_next_opening() -> None:
    assert compute_due(Within(Basis.WORKING_HOURS, 480), london("2026-11-18T09:00"), HUB) == london("2026-11-18T17:00")
    assert compute_due(Within(Basis.WORKING_HOURS, 60), london("2026-11-20T16:00"), HUB) == london("2026-11-23T09:00")


def test_past_the_end_of_the_calendar_it_refuses() -> None:
    with pytest.raises(CalendarEnds, match="2028-12-31"):
        compute_due(days(1), datetime(2028, 12, 29, 12, tzinfo=UTC), HUB)
    with pytest.raises(CalendarEnds):
        compute_due(Within(Basis.WORKING_HOURS, 60), datetime(2029, 1, 1, tzinfo=UTC), HUB)
    with pytest.raises(CalendarEnds):
        compute_due(days(1), datetime(2018, 12, 31, 12, tzinfo=UTC), HUB)


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        compute_due(Within(Basis.ELAPSED, 10), datetime(2026, 1, 1), HUB)  # noqa: DTZ001


def test_elapsed_and_working_time_do_not_mix() -> None:
    assert duration_of(Within(Basis.ELAPSED, 60)) == Elapsed(timedelta(hours=1))
    assert duration_of(Within(Basis.ELAPSED, 60)) != WorkingHours(timedelta(hours=1))
    with pytest.raises(TypeError):
        _ = Elapsed(timedelta(hours=1)) + WorkingDays(1, Counting.DAY_AFTER)  # type: ignore[operator]


def test_a_calendar_that_is_missing_or_has_an_empty_year_is_refused(tmp_path: object) -> None:
    from pathlib import Path  # noqa: PLC0415

    root = Path(str(tmp_path))
    with pytest.raises(CalendarRefused, match="no calendar"):
        load_holidays(root, "nowhere")
    folder = root / "calendars" / "here"
    folder.mkdir(parents=True)
    (folder / "1.yaml").write_text(
        "id: here\nversion: '1'\nfirst: 2026-01-01\nlast: 2027-12-31\nholidays:\n- {date: 2026-01-01, name: x}\n"
    )
    with pytest.raises(CalendarRefused, match="range"):
        load_holidays(root, "here")


def test_a_week_of_the_hub_has_42_working_hours() -> None:
    year = Holidays(id="x", version="1", first=date(2026, 1, 1), last=date(2026, 12, 31), days=frozenset())
    tiny = WorkingTime(CONVENTIONS, year)
    assert tiny.worked_between(london("2026-01-05T00:00"), london("2026-01-10T00:00")) == timedelta(hours=42)
