"""The process remembers when a failed request was first tried, and no more of them than it can hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.intake.entrypoints.api.first_tries import MOST, FirstTries

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_first_of_several_failed_tries_counts_until_it_got_through() -> None:
    tries = FirstTries()
    assert tries.first_try("a", "k", at=5, now=NOW) is None
    tries.failed("a", "k", at=10)
    tries.failed("a", "k", at=70)
    assert tries.first_try("a", "k", at=100, now=NOW) == NOW - timedelta(seconds=90)
    assert tries.first_try("b", "k", at=100, now=NOW) is None
    tries.kept("a", "k")
    assert tries.first_try("a", "k", at=100, now=NOW) is None


def test_the_oldest_are_forgotten() -> None:
    tries = FirstTries()
    for number in range(MOST + 5):
        tries.failed("a", str(number), at=number)
    assert tries.first_try("a", "4", at=0, now=NOW) is None
    assert tries.first_try("a", "5", at=5, now=NOW) == NOW
