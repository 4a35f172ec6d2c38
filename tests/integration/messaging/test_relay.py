"""The relay: what was said leaves in order, by one leader, and is forgotten only once the bus has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.contracts.envelope import Cause
from shared.contracts.topics import TOPICS
from shared.database.session_lock import SessionLock
from shared.messaging.bus import BusUnavailable, Publisher, Record, TopicSpec
from shared.messaging.relay import Relay
from tests.support.eventually import eventually
from tests.support.fakes_bus import FakeBroker, FakeBus, FakePublisher

from .listener import OPENED, Listener

TOPIC = "mash.intake.v1"


@pytest.fixture
async def broker() -> FakeBroker:
    broker = FakeBroker()
    await FakeBus(broker).create_topics([TopicSpec(topic.name, 4, 14) for topic in TOPICS])
    return broker


class Noting(FakePublisher):
    """A publisher that counts, and that may die between the bus's confirmation and ours."""

    def __init__(self, broker: FakeBroker) -> None:
        super().__init__(broker)
        self.calls = 0
        self.die_after = 0

    async def publish(self, records: Sequence[Record]) -> None:
        await super().publish(records)
        self.calls += 1
        if self.die_after:
            self.die_after -= 1
            raise BusUnavailable("the connection broke after the bus had it all")


async def say(service: Listener, contact: UUID, times: int) -> None:
    async with service.open_work() as work:
        await work.lock([contact])
        for _ in range(times):
            work.announce(OPENED, contact_id=contact, cause=Cause(id=uuid4(), correlation_id=uuid4()))
        await work.commit()


def relay(service: Listener, publisher: Publisher) -> Relay:
    return Relay(lock=SessionLock(service.platform.settings.database_url, "intake relay"), publisher=publisher)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncGenerator[None]:
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(one.run(stopping)) for one in relays]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


def sequences(broker: FakeBroker, contact: UUID) -> list[int]:
    found = [one.record for one in broker.of_topic(TOPIC) if one.record.key == str(contact)]
    return [int(dict(record.headers)["ce_sequence"]) for record in found]


async def waiting(service: Listener) -> int:
    return (await service.rows("SELECT count(*) FROM outbox"))[0][0]


async def all_sent(service: Listener) -> bool:
    return await waiting(service) == 0


async def test_each_contacts_events_leave_in_their_order(service: Listener, broker: FakeBroker) -> None:
    contacts = [uuid4() for _ in range(5)]
    async with running(relay(service, FakePublisher(broker)), relay(service, FakePublisher(broker))):
        await asyncio.gather(*(say(service, contact, 3) for contact in contacts for _ in range(10)))
        await eventually(lambda: all_sent(service))
    for contact in contacts:
        assert sequences(broker, contact) == list(range(1, 31))


async def test_only_the_leader_publishes_and_another_takes_over(service: Listener, broker: FakeBroker) -> None:
    contact, publishers = uuid4(), [Noting(broker), Noting(broker)]
    async with running(relay(service, publishers[1])):
        async with running(relay(service, publishers[0])):
            await say(service, contact, 1)
            await eventually(lambda: all_sent(service))
            assert sorted(one.calls > 0 for one in publishers) == [False, True]
        await say(service, contact, 1)
        await eventually(lambda: all_sent(service))
    assert sequences(broker, contact) == [1, 2]


async def test_a_leader_that_loses_its_connection_is_followed(service: Listener, broker: FakeBroker) -> None:
    contact = uuid4()
    async with running(*(relay(service, FakePublisher(broker)) for _ in range(2))):
        for _ in range(3):
            await say(service, contact, 1)
            await eventually(lambda: all_sent(service))
            await service.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE locktype = 'advisory' AND d.datname = current_database()"
            )
    assert sequences(broker, contact) == [1, 2, 3]


async def test_what_may_not_have_arrived_is_published_again_with_the_same_ids(
    service: Listener, broker: FakeBroker
) -> None:
    contact, publisher = uuid4(), Noting(broker)
    publisher.die_after = 2
    await say(service, contact, 3)
    async with running(relay(service, publisher)):
        await eventually(lambda: all_sent(service))
    assert sequences(broker, contact) == [1, 2, 3] * 3
    ids = [dict(one.record.headers)["ce_id"] for one in broker.of_topic(TOPIC)]
    assert ids == ids[:3] * 3
    assert len(set(ids)) == 3


async def test_while_the_bus_is_away_nothing_is_forgotten(service: Listener, broker: FakeBroker) -> None:
    contact = uuid4()
    async with running(relay(service, FakePublisher(broker))):
        await say(service, contact, 1)
        await eventually(lambda: all_sent(service))
        broker.reachable = False
        await say(service, contact, 2)
        await asyncio.sleep(0.5)
        assert await waiting(service) == 2
        broker.reachable = True
        await eventually(lambda: all_sent(service))
    assert sequences(broker, contact) == [1, 2, 3]


async def test_a_commit_wakes_the_relay_of_its_process(service: Listener) -> None:
    woken: list[str] = []
    service.platform.database.on_commit = lambda: woken.append("woken")
    async with service.open_work() as work:
        await work.lock([uuid4()])
        await work.commit()
    assert woken == []
    await say(service, uuid4(), 1)
    assert woken == ["woken"]
    async with service.platform.engine.begin() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one() == 1
