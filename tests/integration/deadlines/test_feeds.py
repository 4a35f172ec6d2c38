"""A process that is started with other milestone feeds brings the clocks of every contact to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.deadlines.bootstrap import wire
from services.deadlines.entrypoints import worker
from services.deadlines.settings import DeadlinesSettings
from shared.service import CommonSettings
from tests.integration.deadlines.conftest import Hub, open_hub
from tests.support.builders_deadlines import NOON, Life

FEEDS = frozenset({"case_system"})


def started_with(hub: Hub, feeds: frozenset[str]) -> Hub:
    """Another process over the same database."""
    platform = hub.deadlines.platform
    settings = DeadlinesSettings(common=platform.settings, milestone_feeds=feeds, fire_batch=500)
    return Hub(wire(platform, settings))


async def handed_over(hub: Hub, names: list[str]) -> list[Life]:
    lives = [Life(name) for name in names]
    await hub.it_is(NOON + timedelta(hours=5))
    for life in lives:
        await hub.hear(life.received(), life.rated("amber"), life.acknowledged(), life.decided())
        await hub.hear(life.informed(), life.closed())
    return lives


async def follow(hub: Hub) -> None:
    rounds = worker.follow_feeds_of(hub.deadlines)
    while await rounds():
        pass


async def states(hub: Hub) -> set[tuple[str, bool, int]]:
    found = await hub.rows("SELECT state, watched, epoch FROM deadlines WHERE kind = 's17_assessment'")
    return {(row["state"], row["watched"], row["epoch"]) for row in found}


async def test_switched_on_the_clocks_of_closed_contacts_run_whoever_gets_to_them(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "COUNTED_ANEW", 2)
    await handed_over(hub, [f"closed {number}" for number in range(5)])
    assert await states(hub) == {("not_watched", False, 1)}
    two = [started_with(hub, FEEDS) for _ in range(2)]
    await asyncio.gather(*map(follow, two))
    await follow(two[0])  # what both left to the other
    assert await states(hub) == {("running", True, 2)}
    said = [data["clock"] for name, data in await hub.said() if name == "DeadlineSet"]
    assert sum(clock["kind"] == "s17_assessment" and clock["watched"] for clock in said) == 5
    before = len(await hub.said())
    await follow(two[1])
    assert len(await hub.said()) == before


async def test_what_was_due_before_it_was_switched_on_is_left_as_it_is(hub: Hub) -> None:
    await handed_over(hub, ["long due"])
    await hub.it_is(NOON + timedelta(days=100))
    await follow(started_with(hub, FEEDS))
    assert await states(hub) == {("not_watched", False, 1)}
    assert not await hub.rows("SELECT 1 FROM breaches WHERE kind = 's17_assessment'")


async def test_switched_off_nothing_is_missed_whichever_loop_finds_it_first(
    settings_for: Callable[[str], CommonSettings],
) -> None:
    async with open_hub(settings_for("deadlines"), feeds=FEEDS) as hub:
        [first, _] = await handed_over(hub, ["fired first", "followed first"])
        assert await states(hub) == {("running", True, 1)}
        off = started_with(hub, frozenset())
        await hub.it_is(NOON + timedelta(days=100))
        await off.fire()
        await follow(off)
        await off.fire()
        assert await states(hub) == {("not_watched", False, 2)}
        assert not await hub.rows("SELECT 1 FROM breaches WHERE kind LIKE 's17%' AND contact_id = :id", id=first.id)
