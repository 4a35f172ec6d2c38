"""Ages as they may leave intake, and where the clocks start."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.model.times import AgeSpoken, age_at, first_attempt_counts, received_at

days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def age(birth: date, day: date) -> AgeSpoken:
    return age_at(day, birth_date=birth, expected_date=None, estimated_age_years=None)


def least_days(spoken: AgeSpoken) -> int:
    """The fewest days that an age can stand for."""
    assert spoken.value is not None
    return {"weeks": 7, "months": 28, "years": 365}[spoken.unit] * spoken.value


@given(days, st.integers(0, 40_000), st.integers(0, 2_000))
def test_nobody_grows_younger(birth: date, days_old: int, later: int) -> None:
    order = ["weeks", "months", "years"]
    before, after = (age(birth, birth + timedelta(days=n)) for n in (days_old, days_old + later))
    assert (order.index(after.unit), after.value) >= (order.index(before.unit), before.value)
    assert least_days(after) <= days_old + later


@given(days, st.integers(0, 40_000))
def test_the_unit_follows_the_age(birth: date, days_old: int) -> None:
    spoken = age(birth, birth + timedelta(days=days_old))
    assert spoken.value is not None
    assert not spoken.estimated
    if days_old < 84:
        assert spoken == AgeSpoken("weeks", days_old // 7)
    else:
        assert spoken.unit != "weeks"
    if spoken.unit == "months":
        assert 2 <= spoken.value < 24
    if spoken.unit == "years":
        assert spoken.value >= 2


@pytest.mark.parametrize(
    ("birth", "day", "spoken"),
    [
        ("2026-11-20", "2026-11-20", AgeSpoken("weeks", 0)),
        ("2026-08-29", "2026-11-20", AgeSpoken("weeks", 11)),
        ("2026-08-28", "2026-11-20", AgeSpoken("months", 2)),
        ("2024-11-21", "2026-11-20", AgeSpoken("months", 23)),
        ("2024-11-20", "2026-11-20", AgeSpoken("years", 2)),
        ("2008-02-29", "2026-02-28", AgeSpoken("years", 17)),
        ("2008-02-29", "2026-03-01", AgeSpoken("years", 18)),
        ("2024-02-29", "2025-02-28", AgeSpoken("months", 11)),
        ("2024-02-29", "2026-02-28", AgeSpoken("months", 23)),
        ("2024-02-29", "2028-02-29", AgeSpoken("years", 4)),
        ("2026-11-21", "2026-11-20", AgeSpoken("unknown")),
        ("0001-01-01", "9999-12-31", AgeSpoken("years", 9998)),
    ],
)
def test_birthdays(birth: str, day: str, spoken: AgeSpoken) -> None:
    assert age(date.fromisoformat(birth), date.fromisoformat(day)) == spoken


def test_the_unborn_the_estimated_and_the_unknown() -> None:
    day = date(2026, 11, 20)
    unborn = age_at(day, birth_date=None, expected_date=day + timedelta(days=20), estimated_age_years=None)
    assert unborn == AgeSpoken("weeks_to_birth", 2)
    overdue = age_at(day, birth_date=None, expected_date=day - timedelta(days=1), estimated_age_years=None)
    assert overdue == AgeSpoken("weeks_to_birth", -1)
    estimated = age_at(day, birth_date=None, expected_date=None, estimated_age_years=7)
    assert estimated == AgeSpoken("years", 7, estimated=True)
    assert age_at(day, birth_date=None, expected_date=None, estimated_age_years=None) == AgeSpoken("unknown")


ago = st.timedeltas(min_value=timedelta(days=-20), max_value=timedelta(days=20))


@given(st.none() | ago, st.none() | ago)
def test_clocks_start_at_first_receipt(first: timedelta | None, followed: timedelta | None) -> None:
    attempted = None if first is None else NOW + first
    start = received_at(
        accepted_at=NOW,
        first_attempts=[attempted],
        followed_received_at=None if followed is None else NOW + followed,
    )
    if followed is not None:
        assert start == NOW + followed
    else:
        assert NOW - timedelta(days=7) <= start <= NOW
        if attempted is not None and not first_attempt_counts(attempted, accepted_at=NOW):
            assert start == NOW


@pytest.mark.parametrize(
    ("attempt", "counts"),
    [
        (timedelta(days=-7), True),
        (timedelta(days=-7, microseconds=-1), False),
        (timedelta(minutes=1), True),
        (timedelta(minutes=1, microseconds=1), False),
        (timedelta(0), True),
    ],
)
def test_the_limits_of_a_believable_first_try(attempt: timedelta, *, counts: bool) -> None:
    assert first_attempt_counts(NOW + attempt, accepted_at=NOW) == counts
    start = received_at(accepted_at=NOW, first_attempts=[NOW + attempt], followed_received_at=None)
    assert start == (min(NOW, NOW + attempt) if counts else NOW)
