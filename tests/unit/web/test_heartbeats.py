"""A loop that hangs is seen: its age grows while nobody touches it, and the process says that it is not ready."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from shared.clock import FixedClock
from shared.heartbeats import Heartbeats, LoopSilent
from shared.metrics import Metrics
from shared.worker import Timed, repeat


async def test_a_silent_loop_is_named_once_it_is_silent_for_too_long() -> None:
    clock, registry = FixedClock(datetime(2026, 11, 18, tzinfo=UTC)), CollectorRegistry()
    beats = Heartbeats(registry, monotonic=clock.monotonic)
    beats.watch("fire", within_seconds=30)
    beats.watch("prune", within_seconds=3720)
    clock.advance(30)
    await beats.check()
    beats.beat("prune")
    clock.advance(1)
    with pytest.raises(LoopSilent, match=r"^fire$"):
        await beats.check()
    ages = {loop: registry.get_sample_value("mash_heartbeat_age_seconds", {"loop": loop}) for loop in ("fire", "prune")}
    assert ages == {"fire": 31, "prune": 1}
    assert registry.get_sample_value("mash_heartbeat_limit_seconds", {"loop": "prune"}) == 3720
    beats.beat("fire")
    await beats.check()


async def test_each_round_that_succeeds_is_a_sign_of_life_and_one_that_waits_is_none() -> None:
    heartbeats, stop, rounds = Metrics().heartbeats, asyncio.Event(), 0
    ages: list[float] = []

    async def work() -> bool:
        nonlocal rounds
        rounds += 1
        ages.append(heartbeats.ages()["turn"])
        heartbeats._last["turn"] -= 100
        if rounds == 2:
            raise OSError  # the database is away
        if rounds == 4:
            stop.set()
        return True

    await repeat(Timed(name="turn", seconds=0, work=work), stop, heartbeats)
    assert [round(age, -2) for age in ages] == [0, 0, 100, 0]
