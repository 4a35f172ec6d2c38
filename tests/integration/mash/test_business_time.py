"""Business time over real databases: speed and shift without a jump back, and stepping from due time to due time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from mash import business_time
from mash.bus_progress import BusProgress, PostgresProgress, Progress, bus_progress
from mash.quiet import NotQuiet, wait_until_quiet
from mash.refusal import Refused
from services.deadlines.entrypoints.worker import HANDLERS, WHEN_PARKED, loops
from shared.contracts.topics import TOPICS
from shared.messaging.bus import TopicSpec
from shared.messaging.postgres import PostgresBus
from shared.service import CommonSettings
from shared.worker import run_worker
from tests.integration.deadlines.conftest import Hub, open_hub
from tests.support.builders_deadlines import NOON, Life, delivered
from tests.support.eventually import eventually

DEVELOPMENT = "development"


class NoBus:
    """A bus on which nothing ever moves."""

    async def read(self) -> Progress:
        return Progress(0, 0)


@pytest.fixture
async def engines(new_database: Callable[[str], str]) -> AsyncGenerator[dict[str, AsyncEngine]]:
    made = {name: create_async_engine(new_database(name)) for name in ("deadlines", "triage")}
    yield made
    for engine in made.values():
        await engine.dispose()


async def times(engines: dict[str, AsyncEngine]) -> list[business_time.BusinessTime]:
    return [await business_time.read(engine) for engine in engines.values()]


async def test_speed_changes_without_a_jump_and_in_step(engines: dict[str, AsyncEngine]) -> None:
    before = await times(engines)
    assert [one.speed for one in before] == [1, 1]
    await business_time.set_speed(engines, 1000, environment=DEVELOPMENT)
    started = await business_time.read(engines["deadlines"])
    assert timedelta(0) <= started.at - before[0].at < timedelta(minutes=30)
    await asyncio.sleep(0.05)
    fast = await business_time.read(engines["deadlines"])
    assert fast.at - started.at > timedelta(seconds=40)
    await business_time.set_speed(engines, 0, environment=DEVELOPMENT)
    one, other = await times(engines)
    assert one == other
    assert one.at >= fast.at
    await business_time.set_speed(engines, 1, environment=DEVELOPMENT)
    assert (await business_time.read(engines["triage"])).at >= one.at


async def test_shift_moves_all_forward_and_refuses_to_go_back(engines: dict[str, AsyncEngine]) -> None:
    before = await times(engines)
    await business_time.shift(engines, 90 * 86400, environment=DEVELOPMENT)
    after = await times(engines)
    for one, other in zip(before, after, strict=True):
        assert timedelta(0) <= other.at - one.at - timedelta(days=90) < timedelta(seconds=30)
    with pytest.raises(Refused, match="back"):
        await business_time.shift(engines, -1, environment=DEVELOPMENT)


async def test_production_refuses_everything(engines: dict[str, AsyncEngine]) -> None:
    calls: list[Coroutine[Any, Any, Any]] = [
        business_time.set_speed(engines, 2, environment="production"),
        business_time.shift(engines, 1, environment="production"),
        business_time.advance(engines, 1, progress=NoBus(), environment="production"),
        business_time.begin_at(engines, NOON, environment="production"),
    ]
    before = await times(engines)
    for call in calls:
        with pytest.raises(Refused, match="production"):
            await call
    after = await times(engines)
    assert all(other.at - one.at < timedelta(minutes=1) for one, other in zip(before, after, strict=True))


async def test_time_begins_where_it_is_told_to_but_not_back_over_contacts(engines: dict[str, AsyncEngine]) -> None:
    await business_time.begin_at(engines, NOON, environment=DEVELOPMENT)
    assert (await business_time.read(engines["triage"])).at - NOON < timedelta(seconds=30)
    async with engines["deadlines"].begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO contacts (contact_id, reference, by_owner, subject_ids, subjects, rating_version, stage,"
                " to_be_informed, live_clocks, urgency, changed_at)"
                " VALUES (gen_random_uuid(), '', false, '[]', 0, 0, 'received', false, 0, 0, now())"
            )
        )
    with pytest.raises(Refused, match="back"):
        await business_time.begin_at(engines, NOON - timedelta(days=1), environment=DEVELOPMENT)


class Worker:
    """A real deadlines worker on the embedded bus, and the engines that business time is moved by."""

    def __init__(self, hub: Hub, engines: dict[str, AsyncEngine], progress: BusProgress) -> None:
        self.hub = hub
        self.engines = engines
        self.progress = progress


@pytest.fixture
async def worker(settings_for: Callable[[str], CommonSettings]) -> AsyncGenerator[Worker]:
    settings = settings_for("deadlines")
    bus = PostgresBus(settings.bus_database_url)
    await bus.create_topics([TopicSpec(topic.name, topic.partitions, topic.retention_days) for topic in TOPICS])
    stop = asyncio.Event()
    engine = create_async_engine(settings.database_url)
    bus_settings = {"MASH_BUS_DATABASE_URL": settings.bus_database_url}
    async with open_hub(settings) as hub, bus_progress(bus_settings) as progress:
        running = asyncio.create_task(
            run_worker(
                hub.deadlines.platform,
                open_work=hub.deadlines.work,
                handlers=HANDLERS,
                when_parked=WHEN_PARKED,
                loops=loops(hub.deadlines, stop),
                stop=stop,
            )
        )
        publisher = bus.publisher()
        await publisher.start()
        life = Life("stepped")
        await business_time.begin_at({"deadlines": engine}, life.at(1), environment=DEVELOPMENT)
        events = delivered(life.received(), life.rated("red-abuse"))
        await publisher.publish([one.record for one in events])
        await eventually(lambda: hub.rows("SELECT 1 FROM deadlines WHERE kind = 'strategy_discussion'"))
        yield Worker(hub, {"deadlines": engine}, progress)
        stop.set()
        await asyncio.wait_for(running, 30)
    await engine.dispose()
    await bus.close()


class OnlyOurs:
    """The progress of the groups that this test runs: nobody else reads here, so nobody else can be waited for."""

    def __init__(self, progress: BusProgress) -> None:
        self._progress = progress

    async def read(self) -> Progress:
        assert isinstance(self._progress, PostgresProgress)
        connection = self._progress._connection
        behind = await connection.fetchval(
            'SELECT coalesce(sum((SELECT max("offset") + 1 FROM bus_log l WHERE (l.topic, l.partition) ='
            " (o.topic, o.partition)) - next_offset), 0)::bigint FROM bus_offset o WHERE \"group\" = 'deadlines'"
        )
        return Progress((await self._progress.read()).published, behind)


async def test_stepping_fires_every_clock_at_its_time_and_in_order(worker: Worker) -> None:
    reached: list[Any] = []
    steps = await business_time.advance(
        worker.engines,
        7 * 3600,
        progress=OnlyOurs(worker.progress),
        environment=DEVELOPMENT,
        on_step=reached.append,
    )
    assert steps == len(reached) > 5
    assert reached == sorted(reached)
    breaches = await worker.hub.rows("SELECT kind, late_seconds FROM breaches ORDER BY due_at")
    assert [row["kind"] for row in breaches] == ["opened_by_duty", "opened_by_manager", "strategy_discussion"]
    assert max(row["late_seconds"] for row in breaches) < 30
    assert await worker.hub.rows("SELECT 1 FROM outbox") == []


async def test_stepped_time_that_stands_still_arrives_to_the_microsecond(engines: dict[str, AsyncEngine]) -> None:
    await business_time.set_speed(engines, 0, environment=DEVELOPMENT)
    here = (await business_time.read(engines["deadlines"])).at
    for span in (timedelta(microseconds=1), timedelta(days=45, seconds=1, microseconds=999_999), timedelta(days=170)):
        here += span
        steps = await business_time.advance_to(engines, here, progress=NoBus(), environment=DEVELOPMENT)
        assert steps == 1
        assert {one.at for one in await times(engines)} == {here}
    again = await business_time.advance_to(engines, here, progress=NoBus(), environment=DEVELOPMENT)
    assert again == 0


async def test_what_stays_in_flight_is_named(worker: Worker) -> None:
    async with worker.hub.deadlines.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE contacts SET changed_at = changed_at"))
        with pytest.raises(NotQuiet, match="deadlines's transactions"):
            await wait_until_quiet(worker.engines, OnlyOurs(worker.progress), limit_seconds=0.3)
    progress = await worker.progress.read()
    assert progress.published > 0
    assert progress.behind > 0  # triage and notify do not run here


async def test_time_that_stands_still_is_moved_to_a_moment_and_never_back(engines: dict[str, AsyncEngine]) -> None:
    at = NOON + timedelta(days=3)
    with pytest.raises(Refused, match="stands still"):
        await business_time.step_to(engines, at, environment=DEVELOPMENT)
    await business_time.begin_at(engines, NOON, speed=0, environment=DEVELOPMENT)
    await business_time.step_to(engines, at, environment=DEVELOPMENT)
    assert {(await business_time.read(engine)).at for engine in engines.values()} == {at}
    with pytest.raises(Refused, match="never back"):
        await business_time.step_to(engines, NOON, environment=DEVELOPMENT)
    with pytest.raises(Refused, match="production"):
        await business_time.step_to(engines, at, environment="production")
