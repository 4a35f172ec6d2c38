"""Delays between tries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.backoff import Backoff


def test_it_doubles_up_to_the_cap() -> None:
    backoff = Backoff(first_seconds=1, cap_seconds=10)
    assert [backoff.seconds(attempt, chance=0) for attempt in range(1, 7)] == [1, 2, 4, 8, 10, 10]


@given(st.integers(1, 100_000), st.floats(0, 1, exclude_max=True))
def test_it_stays_within_its_limits(attempt: int, chance: float) -> None:
    backoff = Backoff(first_seconds=0.1, cap_seconds=10, jitter=0.5)
    assert 0.05 <= backoff.seconds(attempt, chance=chance) <= 10


@pytest.mark.parametrize("wrong", [{"first_seconds": 0}, {"cap_seconds": 0.01}, {"factor": 0.5}, {"jitter": 2}])
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="backoff"):
        Backoff(**wrong)
