"""Work that once begun runs on past closing time: it begins within opening hours only, and then goes by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.domain.model.due import WorkingHours, compute_due, duration_of
from services.deadlines.domain.model.working_time import CalendarEnds
from shared.policy.timetable import Basis, Within

from .test_working_time import HUB, london

moments = st.datetimes(datetime(2019, 1, 2), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


def past_closing(minutes: int) -> Within:
    return Within(Basis.WORKING_HOURS, minutes, past_closing=True)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-24T10:00", "2026-11-24T14:00"),  # within the day
        ("2026-11-24T16:00", "2026-11-24T20:00"),  # begun: it is finished, closing time or not
        ("2026-11-27T16:29", "2026-11-27T20:29"),  # a Friday's last minute
        ("2026-11-24T17:00", "2026-11-25T12:30"),  # at closing time it is closed
        ("2026-11-24T22:00", "2026-11-25T12:30"),  # from the next opening
        ("2026-11-28T12:00", "2026-11-30T12:30"),  # a Saturday: Monday
        ("2026-12-24T18:00", "2026-12-29T12:30"),  # Christmas, the weekend and the day in lieu between
    ],
)
def test_when_it_is_due(start: str, due: str) -> None:
    assert compute_due(past_closing(240), london(start), HUB) == london(due)


@given(moments, st.integers(1, 60 * 24 * 3))
def test_it_is_never_due_later_than_the_same_hours_of_working_time(start: datetime, minutes: int) -> None:
    due = compute_due(past_closing(minutes), start, HUB)
    assert start + timedelta(minutes=minutes) <= due
    assert due <= WorkingHours(timedelta(minutes=minutes)).due(start, HUB)


@given(moments, st.floats(0, 1), st.integers(1, 600))
def test_its_shares_lie_between_opening_and_due(start: datetime, share: float, minutes: int) -> None:
    within = past_closing(minutes)
    due = compute_due(within, start, HUB)
    assert HUB.opening(start) <= duration_of(within).share(share, start, due, HUB) <= due


def test_past_the_end_of_the_calendar_it_is_refused() -> None:
    with pytest.raises(CalendarEnds):
        compute_due(past_closing(60), datetime(2100, 1, 1, tzinfo=UTC), HUB)
