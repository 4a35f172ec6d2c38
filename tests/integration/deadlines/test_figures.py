"""The figures that alarms are raised on, and whether anybody fires: measured as a worker measures them."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta

from sqlalchemy import text

from services.deadlines.adapters.queries import count_overdue
from services.deadlines.entrypoints.worker import fire_or_sleep, measure, watch
from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_deadlines import NOON, Life
from tests.support.builders_front_half import WorkedLife


async def figure(hub: Hub, name: str, **labels: str) -> float | None:
    await measure(hub.deadlines)
    return hub.deadlines.platform.metrics.registry.get_sample_value(name, labels)


async def test_what_is_overdue_is_counted_until_it_is_met(hub: Hub) -> None:
    overdue = {"name": "mash_deadlines_overdue", "kind": "strategy_discussion", "rating": "red"}
    life = Life("late", subjects=2)
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-abuse", "red-abuse"), life.opened(1))
    assert await figure(hub, **overdue) is None
    assert (await figure(hub, "mash_breaches_unexplained"), await figure(hub, "mash_deadlines_unfired_seconds")) == (
        0,
        0,
    )
    await hub.it_is(life.at(400))
    assert (await figure(hub, "mash_deadlines_unfired_seconds") or 0) > 60
    await hub.fire()
    assert await figure(hub, **overdue) == 2
    assert await figure(hub, "mash_deadlines_unfired_seconds") == 0
    await hub.hear(life.discussed(minutes=401))
    assert await figure(hub, **overdue) is None
    breaches = (await hub.rows("SELECT count(*) AS n FROM breaches"))[0]["n"]
    assert await figure(hub, "mash_breaches_unexplained") == breaches
    await hub.it_is(life.at(460))
    assert 3500 < (await figure(hub, "mash_breaches_unexplained_oldest_seconds") or 0) < 3700


async def test_a_contact_that_pages_is_counted_until_somebody_opens_it(hub: Hub) -> None:
    unopened = "mash_paging_unopened"
    paging, calm = Life("paging"), Life("calm")
    await hub.it_is(NOON)
    await hub.hear(paging.received(), paging.rated("red-abuse"), calm.received(), calm.rated("green"))
    await hub.it_is(NOON + timedelta(minutes=20))
    assert await figure(hub, unopened) == 1
    assert 1100 < (await figure(hub, f"{unopened}_oldest_seconds") or 0) < 1300
    await hub.hear(paging.opened(20))
    assert (await figure(hub, unopened), await figure(hub, f"{unopened}_oldest_seconds")) == (0, 0)


async def test_closed_unopened_and_reopened_it_is_counted_again(hub: Hub) -> None:
    unopened, life = "mash_paging_unopened", WorkedLife("reopened")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-abuse"), life.closed(5))
    assert await figure(hub, unopened) == 0
    await hub.it_is(life.at(600))
    await hub.hear(life.reopened(600))
    await hub.it_is(life.at(620))
    assert await figure(hub, unopened) == 1
    assert 1100 < (await figure(hub, f"{unopened}_oldest_seconds") or 0) < 1300
    await hub.hear(life.opened(620))
    assert await figure(hub, unopened) == 0


async def test_the_next_due_time_and_the_calendars_end(hub: Hub) -> None:
    await hub.it_is(NOON)
    assert math.isnan(await figure(hub, "mash_deadlines_next_due_seconds") or 0)
    life = Life("one")
    await hub.hear(life.received(), life.rated("red-abuse"), life.opened(0))
    left = [row["due_at"] for row in await hub.rows("SELECT due_at FROM deadlines WHERE state = 'running' AND watched")]
    found = await figure(hub, "mash_deadlines_next_due_seconds")
    assert found is not None
    assert abs(found - (min(left) - NOON).total_seconds()) < 10
    await watch(hub.deadlines)
    assert (await figure(hub, "mash_calendar_days_left") or 0) > 300


async def test_labels_are_the_packs_words_and_no_others(hub: Hub) -> None:
    life = Life("late")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-abuse"))
    await hub.it_is(life.at(400))
    await hub.fire()
    async with hub.deadlines.platform.engine.connect() as connection:
        found = await count_overdue(connection, kinds=["strategy_discussion"], ratings=[])
    assert {rating for _, rating in found} <= {"other", "none"}
    assert {kind for kind, _ in found} == {"strategy_discussion", "other"}


async def test_the_api_is_not_ready_while_nobody_fires(hub: Hub, staff: Staff) -> None:
    async def says() -> tuple[int, str]:
        answer = await staff.get("/readyz")
        return answer.status_code, answer.json()["checks"]["firing"]

    assert await says() == (503, "away")  # no worker has ever been seen
    stopped = asyncio.Event()
    stopped.set()
    await fire_or_sleep(hub.deadlines, stopped)
    assert await says() == (200, "ok")
    async with hub.deadlines.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE heartbeats SET beat_at = now() - interval '31 seconds'"))
    assert await says() == (503, "away")
    hub.deadlines.heartbeat._every_seconds = 0
    await hub.it_is(NOON)  # business time does not matter to it
    await fire_or_sleep(hub.deadlines, stopped)
    assert await says() == (200, "ok")
