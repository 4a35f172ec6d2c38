"""An event that a person gives up ends the clocks it began, and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mash.dead_letters import drop
from services.deadlines.entrypoints.worker import follow_given_up
from shared.contracts.envelope import Event
from shared.messaging.bus import Delivered
from tests.integration.deadlines.conftest import Hub
from tests.support.builders_deadlines import Life, delivered

STRICTEST = {"opened_by_duty", "opened_by_manager", "priority_discussion"}
BEGUN = "SELECT kind, state, reason FROM deadlines WHERE because = 'Parked'"


def unreadable(event: Event[Any], offset: int = 7) -> Delivered:
    [good] = delivered(event)
    return Delivered(replace(good.record, value=b'{"contact": 1}'), 0, offset)


async def dropped(hub: Hub, event: Event[Any]) -> None:
    await drop(hub.deadlines.platform.engine, event.id)
    await hub.applier.release_ready()


async def test_a_rating_given_up_ends_the_strictest_clocks_and_the_breach_stays(hub: Hub) -> None:
    life = Life("given up")
    await hub.it_is(life.at(2))
    await hub.hear(life.received())
    await hub.take(unreadable(rated := life.rated("amber")))
    await hub.hear(life.closed(30))
    await hub.it_is(life.at(180))
    await hub.fire()
    begun = {row["kind"]: row["state"] for row in await hub.rows(BEGUN)}
    assert (begun.keys(), begun["priority_discussion"]) == (STRICTEST, "breached")
    await dropped(hub, rated)
    await follow_given_up(hub.deadlines)
    assert {row["state"] for row in await hub.rows(BEGUN)} == {"cancelled"}
    said = await hub.said()
    ended = [data for name, data in said if name == "DeadlineCancelled" and data["reason_code"] == "replayed"]
    assert {data["clock"]["kind"] for data in ended} <= STRICTEST
    assert len(await hub.rows("SELECT 1 FROM breaches WHERE kind = 'priority_discussion'")) == 1
    await hub.it_is(life.at(60 * 24))
    await hub.fire()
    assert "priority_discussion" not in {
        data["clock"]["kind"] for name, data in (await hub.said())[len(said) :] if name == "DeadlineEscalated"
    }


async def test_it_is_done_once_and_another_event_that_still_waits_keeps_its_clocks(hub: Hub) -> None:
    life = Life("two of them")
    await hub.it_is(life.at(2))
    received, rated = life.received(), life.rated("amber")
    await hub.take(unreadable(received), unreadable(rated, 8))
    await dropped(hub, received)
    before = len(await hub.said())
    await follow_given_up(hub.deadlines)
    await follow_given_up(hub.deadlines)
    assert {row["state"] for row in await hub.rows(BEGUN)} == {"running"}
    await dropped(hub, rated)
    await follow_given_up(hub.deadlines)
    after = len(await hub.said())
    assert {row["state"] for row in await hub.rows(BEGUN)} == {"cancelled"}
    await follow_given_up(hub.deadlines)
    assert after > before
    assert len(await hub.said()) == after
