"""At each host's door: so many at once, and nobody while it is down."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from services.notify.adapters.channels.gate import AT_ONCE, Gate
from services.notify.application.ports import Accepted, Refused, SendResult, TryLater, Why
from services.notify.domain.model.breaker import OPENS_AFTER, PROBES_EVERY
from shared.clock import FixedClock
from tests.support.builders_notify import NOON

DOWN = TryLater("smtp_421", why=Why.HOST)


async def enter(gate: Gate, host: str = "one", seconds: float = 0) -> str | None:
    shut = await gate.enter(host, FixedClock(NOON + timedelta(seconds=seconds)), chance=0.5)
    return shut.reason if shut else None


async def fail(gate: Gate, times: int, result: SendResult | None = DOWN) -> None:
    for _ in range(times):
        assert await enter(gate) is None
        gate.leave("one", result, NOON)


async def test_four_at_once_and_other_hosts_are_not_touched() -> None:
    gate = Gate(patience=0)
    assert [await enter(gate) for _ in range(AT_ONCE + 1)] == [None] * AT_ONCE + ["host_busy"]
    assert await enter(gate, "other") is None
    gate.leave("one", Accepted(), NOON)
    assert await enter(gate) is None


async def test_after_five_failures_in_a_row_it_is_left_alone_but_for_a_probe() -> None:
    gate = Gate(patience=0)
    await fail(gate, OPENS_AFTER)
    assert await enter(gate) == "host_left_alone"
    assert await enter(gate, "other") is None
    later = PROBES_EVERY.total_seconds()
    assert await enter(gate, seconds=later) is None
    assert await enter(gate, seconds=later) == "host_left_alone"
    gate.leave("one", Refused("smtp_550"), NOON)  # an answer that makes sense
    assert await enter(gate, seconds=later) is None


async def test_what_is_not_the_hosts_fault_leaves_it_open() -> None:
    gate = Gate(patience=0)
    await fail(gate, 20, TryLater("smtp_450"))
    await fail(gate, 20, TryLater("smtp_535", why=Why.OURS))
    await fail(gate, OPENS_AFTER - 1)
    await fail(gate, 1, Accepted())
    await fail(gate, OPENS_AFTER - 1)
    await fail(gate, 3, None)  # nothing was asked of it
    assert await enter(gate) is None


async def test_whoever_cannot_pass_comes_back_spread() -> None:
    gate = Gate(patience=0)
    await fail(gate, OPENS_AFTER)
    shuts = [await gate.enter("one", FixedClock(NOON), chance=chance) for chance in (0.0, 0.3, 0.9)]
    backs = {shut.until for shut in shuts if shut}
    assert len(backs) == 3
    assert min(backs) >= NOON + PROBES_EVERY


async def test_whoever_waits_has_the_turn_of_the_first_that_leaves() -> None:
    gate = Gate(patience=30)
    for _ in range(AT_ONCE):
        assert await enter(gate) is None
    waiting = asyncio.create_task(enter(gate))
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.leave("one", Accepted(), NOON)
    assert await waiting is None
