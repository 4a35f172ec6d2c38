"""The benchmark of the firing loop on a small stock: it runs, and each clock that is due fires once under kills."""

from __future__ import annotations

import pytest

from benchmarks.clocks import a_stocked_place, measure, spread

PENDING, RATE, SECONDS = 2_000, 50, 2

pytestmark = pytest.mark.timeout(300)


async def test_every_clock_that_is_due_fires_once_while_replicas_are_killed() -> None:
    async with a_stocked_place(PENDING, RATE, SECONDS) as (place, database, stock):
        fired = await measure(place, database, stock, overdue=True)
        left = await database.fetchval("SELECT count(*) FROM deadlines WHERE state <> 'breached'")
    assert fired.breaches == fired.said == fired.distinct == PENDING
    assert left == 0
    assert fired.disturbed.killed > 0
    for window in (fired.quiet, fired.disturbed):
        assert len(window.late) == RATE * SECONDS
        assert min(window.late) > 0, "fired before it was due"
        assert spread(window.late).endswith("ms")
