"""Events into real tables: order, repetition, parking, and the timed loops."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.notify.entrypoints.worker import HANDLERS, loops
from shared.contracts.envelope import Event
from shared.contracts.notify import DeliveryFailed, StaffAlerted
from shared.contracts.topics import EVENTS, topics_heard_by
from tests.support.builders_asking import AskedLife
from tests.support.builders_notify import NOON, Life
from tests.support.deliveries import delivered

from .conftest import Desk


def _streams(life: Life) -> list[list[Event[Any]]]:
    return [
        [life.received(), life.restated()],
        [life.rated(), life.opened(), life.decided(1, undecided=1), life.decided(2)],
        [life.breached(), life.breached("opened_by_duty")],
    ]


def _shuffled(seed: int, life: Life) -> list[Event[Any]]:
    chance = random.Random(seed)
    rest, order = _streams(life), list[Event[Any]]()
    while any(rest):
        stream = chance.choice([each for each in rest if each])
        order += [stream.pop(0)] * chance.choice([1, 1, 2])
    return order


async def test_any_order_in_any_batches_ends_in_the_same_rows(desk: Desk) -> None:
    expected: set[tuple[Any, ...]] | None = None
    for seed in range(6):
        life = Life(f"seed {seed}", subjects=2)
        order = _shuffled(seed, life)
        for at in range(0, len(order), 1 + seed):
            await desk.hear(order[at : at + 1 + seed])
        query = "SELECT kind, template, state, rung FROM messages WHERE contact_id = :id"
        found = {tuple(row.values()) for row in await desk.rows(query, id=life.id)}
        expected = expected or found
        assert found == expected
    assert expected is not None
    live = sorted(row[0] for row in expected if row[2] == "waiting")
    assert live == ["acknowledgement", "outcome"]


async def test_a_contact_first_heard_of_by_its_decision(desk: Desk) -> None:
    life = Life()
    received, decided = life.received(), life.decided()
    await desk.hear([decided])
    await desk.hear([received])
    assert sorted(row["kind"] for row in await desk.rows("SELECT kind FROM messages")) == ["acknowledgement", "outcome"]


async def test_a_broken_event_is_parked_as_a_task_and_its_replay_settles_it(desk: Desk) -> None:
    life = Life()
    event = life.received()
    await desk.hear_records([delivered(event, value=b'{"contact": {}}')])
    (task,) = await desk.rows("SELECT kind, state, reason FROM messages")
    assert dict(task) == {"kind": "parked", "state": "needs_person", "reason": "parked"}
    (failed,) = await desk.said()
    assert isinstance(failed, DeliveryFailed)
    assert failed.reason_code == "parked"
    async with desk.notify.platform.engine.begin() as connection:
        await connection.execute(
            text("UPDATE parked SET state = 'replay', value = :value"), {"value": event.data.model_dump_json().encode()}
        )
    await desk.applier.release_ready()
    rows = await desk.rows("SELECT kind, state FROM messages ORDER BY kind")
    assert [tuple(row.values()) for row in rows] == [("acknowledgement", "waiting"), ("parked", "superseded")]


async def test_the_timed_loops_climb_and_ask(desk: Desk) -> None:
    by_name = {loop.name: loop for loop in loops(desk.notify)}
    life = Life()
    await desk.hear([life.received(), life.rated()])
    await desk.business_time(NOON + timedelta(minutes=10))
    await by_name["ladder"].work()
    rungs = await desk.rows("SELECT rung FROM messages WHERE kind = 'alert' ORDER BY rung")
    assert [row["rung"] for row in rungs] == [0, 1]
    await desk.business_time(NOON + timedelta(hours=20))
    await by_name["ladder"].work()
    await by_name["person"].work()
    acknowledgement = await desk.rows("SELECT state, paged_at FROM messages WHERE kind = 'acknowledgement'")
    assert acknowledgement[0]["state"] == "needs_person"
    assert acknowledgement[0]["paged_at"] is not None
    assert await by_name["person"].work() is False


async def test_raised_again_after_the_first_climb_every_rung_is_alerted_anew(desk: Desk) -> None:
    climb = next(loop.work for loop in loops(desk.notify) if loop.name == "ladder")
    life, again = Life(), NOON + timedelta(minutes=40)
    await desk.hear([life.received(), life.rated()])
    for minutes in (10, 20):
        await desk.business_time(NOON + timedelta(minutes=minutes))
        await climb()
    await desk.deliver()
    await desk.business_time(again)
    await desk.hear([life.rated("amber", pages=False, version=2, at=NOON + timedelta(minutes=30))])
    await desk.hear([life.rated(version=3, at=again)])
    query = "SELECT rung FROM messages WHERE kind = 'alert' AND state = 'waiting' ORDER BY rung"
    assert [row["rung"] for row in await desk.rows(query)] == [0]
    await desk.hear([life.breached("opened_by_duty", starts_at=again)])
    for minutes in (10, 20):
        await desk.business_time(again + timedelta(minutes=minutes))
        await climb()
    assert [row["rung"] for row in await desk.rows(query)] == [0, 1, 2]
    await desk.deliver()
    alerted = [said for said in await desk.said() if isinstance(said, StaffAlerted)]
    assert sorted(said.rung for said in alerted) == ["0", "0", "1", "1", "2", "2"]


@pytest.mark.parametrize("away", [("closed", "reopened"), ("linked", "unlinked")])
async def test_back_again_unopened_every_rung_is_alerted_anew(desk: Desk, away: tuple[str, str]) -> None:
    climb = next(loop.work for loop in loops(desk.notify) if loop.name == "ladder")
    life, again = AskedLife(), NOON + timedelta(minutes=40)
    await desk.hear([life.received(), life.rated()])
    for minutes in (10, 20):
        await desk.business_time(NOON + timedelta(minutes=minutes))
        await climb()
    await desk.deliver()
    await desk.business_time(again)
    for said in away:
        await desk.hear([getattr(life, said)()])
    query = "SELECT rung FROM messages WHERE kind = 'alert' AND state = 'waiting' ORDER BY rung"
    assert [row["rung"] for row in await desk.rows(query)] == [0]
    for minutes in (10, 20):
        await desk.business_time(again + timedelta(minutes=minutes))
        await climb()
    assert [row["rung"] for row in await desk.rows(query)] == [0, 1, 2]


@pytest.mark.parametrize("event", HANDLERS)
def test_what_is_handled_is_heard(event: type[Any]) -> None:
    assert event.ce_type() in EVENTS
    assert f"mash.{event.producer}.v1" in topics_heard_by("notify")
