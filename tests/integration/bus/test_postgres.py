"""What only the PostgreSQL bus can do, or do wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from mash.postgres import EmbeddedPostgres
from shared.messaging.bus import BusUnavailable, TopicSpec
from shared.messaging.postgres import PostgresBus
from tests.integration.bus.harness import DATABASE, PostgresHarness
from tests.integration.bus.proxy import Proxy
from tests.integration.bus.steps import after, member, publish, read, records, values

pytestmark = pytest.mark.postgres


@pytest.fixture
async def bus(proxy: Proxy) -> AsyncIterator[PostgresBus]:
    bus = PostgresBus(PostgresHarness(proxy).dsn, answer_seconds=0.5)
    await bus.create_topics([TopicSpec("test.pg", 2, 14)])
    yield bus
    await bus.close()


@pytest.fixture
def sql(bus_postgres: EmbeddedPostgres) -> EmbeddedPostgres:
    bus_postgres.sql(
        "DROP TABLE IF EXISTS bus_topic; DROP TABLE IF EXISTS bus_log; DROP TABLE IF EXISTS bus_offset",
        database=DATABASE,
    )
    return bus_postgres


async def test_prune_keeps_what_is_young_unread_or_last(sql: EmbeddedPostgres, bus: PostgresBus, group: str) -> None:
    await publish(bus, records("test.pg", 20, keys=1))
    subscription = await member(bus, group, "test.pg")
    batch = await read(subscription, 20)
    assert await bus.prune() == 0
    sql.sql("UPDATE bus_log SET appended_at = appended_at - interval '15 days'", database=DATABASE)
    assert await bus.prune() == 0  # a known group has not committed them
    await subscription.commit(after(batch[:15]))
    assert await bus.prune() == 15
    await subscription.commit(after(batch))
    assert await bus.prune() == 4  # the last one carries the offset on
    await publish(bus, records("test.pg", 1, keys=1, writer=1))
    assert [one.offset for one in await read(subscription, 1)] == [20]
    assert [one.offset for one in await read(await member(bus, group + "-new", "test.pg"), 2)] == [19, 20]


async def test_a_lost_lock_stops_reading_and_committing(sql: EmbeddedPostgres, bus: PostgresBus, group: str) -> None:
    await publish(bus, records("test.pg", 10))
    loser = await member(bus, group, "test.pg")
    batch = await read(loser, 10)
    sql.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mash bus'")
    other = await member(bus, group, "test.pg")
    assert values(await read(other, 10)) == values(batch)
    await loser.commit(after(batch))
    assert await other.lag() == 10
    await other.commit(after(batch))
    await other.stop()
    await publish(bus, records("test.pg", 10, writer=1))
    assert values(await read(loser, 10)) == {one.value for one in records("test.pg", 10, writer=1)}


async def test_a_commit_never_goes_back(bus: PostgresBus, group: str) -> None:
    await publish(bus, records("test.pg", 10, keys=1))
    subscription = await member(bus, group, "test.pg")
    batch = await read(subscription, 10)
    await subscription.commit(after(batch))
    await subscription.commit(after(batch[:3]))
    assert await subscription.lag() == 0


async def test_a_server_that_hangs_is_not_waited_for(proxy: Proxy, bus: PostgresBus, group: str) -> None:
    subscription = await member(bus, group, "test.pg")
    await bus.check()
    proxy.flowing.clear()
    started = time.monotonic()
    for call in (
        publish(bus, records("test.pg", 3)),
        bus.check(),
        subscription.poll(max_records=10, timeout_seconds=0.1),
    ):
        with pytest.raises(BusUnavailable):
            await call
    assert time.monotonic() - started < 4
    proxy.flowing.set()
    await asyncio.sleep(0.2)
    await publish(bus, records("test.pg", 3))


async def test_members_share_evenly(bus: PostgresBus, group: str) -> None:
    await bus.create_topics([TopicSpec("test.wide", 12, 14)])
    members = [await member(bus, group, "test.wide") for _ in range(3)]
    ends = time.monotonic() + 5
    partitions: list[set[int]] = [set()]
    while sorted(map(len, partitions)) != [4, 4, 4] and time.monotonic() < ends:
        await publish(bus, records("test.wide", 120, keys=120))
        partitions = []
        for one in members:
            batch = await one.poll(max_records=500, timeout_seconds=0.2)
            await one.commit(after(batch))
            partitions.append({delivered.partition for delivered in batch})
    assert sorted(map(len, partitions)) == [4, 4, 4]
    assert set.union(*partitions) == set(range(12))
