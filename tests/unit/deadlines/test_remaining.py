"""How much of a clock has gone is the inverse of where its warnings lie."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.domain.model.due import compute_due, duration_of
from services.deadlines.domain.policy.remaining import share_gone
from shared.policy.timetable import Basis, Within

from .test_past_closing import moments
from .test_working_time import HUB, london

withins = st.one_of(
    st.builds(Within, st.just(Basis.ELAPSED), st.integers(1, 10_000)),
    st.builds(Within, st.just(Basis.WORKING_HOURS), st.integers(1, 10_000), past_closing=st.booleans()),
    st.builds(Within, st.just(Basis.WORKING_DAYS), st.integers(1, 45)),
)


@given(within=withins, start=moments, share=st.floats(0.01, 1))
def test_at_a_warning_its_share_has_gone(within: Within, start: datetime, share: float) -> None:
    due = compute_due(within, start, HUB)
    at = duration_of(within).share(share, start, due, HUB)
    gone = share_gone(within, starts_at=start, due_at=due, now=at, calendar=HUB)
    assert gone == pytest.approx(share, abs=1e-4)


@given(within=withins, start=moments, first=st.floats(0, 2), second=st.floats(0, 2))
def test_it_never_goes_back(within: Within, start: datetime, first: float, second: float) -> None:
    due = compute_due(within, start, HUB)
    earlier, later = sorted([start + (due - start) * first, start + (due - start) * second])
    gone = [share_gone(within, starts_at=start, due_at=due, now=now, calendar=HUB) for now in (earlier, later)]
    assert gone[0] is not None
    assert gone[1] is not None
    assert 0 <= gone[0] <= gone[1]


def test_no_working_time_goes_by_at_night() -> None:
    within = Within(Basis.WORKING_HOURS, 8 * 60)
    start = london("2026-11-24T16:30")
    due = compute_due(within, start, HUB)
    evening, night = london("2026-11-24T17:00"), london("2026-11-25T03:00")
    shares = [share_gone(within, starts_at=start, due_at=due, now=now, calendar=HUB) for now in (evening, night)]
    assert shares == [0.0625, 0.0625]


def test_outside_the_calendars_data_nobody_knows() -> None:
    start = datetime(2100, 1, 1, tzinfo=UTC)
    times = {"starts_at": start, "due_at": start + timedelta(hours=8), "now": start + timedelta(hours=1)}
    assert share_gone(Within(Basis.WORKING_HOURS, 480), **times, calendar=HUB) is None
    assert share_gone(Within(Basis.ELAPSED, 480), **times, calendar=HUB) == 0.125
