"""The consumer over a bus in memory and a real database: whatever goes away, nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from mash.postgres import EmbeddedPostgres
from shared.contracts.topics import TOPICS
from shared.messaging.bus import Positions, TopicSpec
from shared.messaging.consumer import Consumer
from shared.messaging.parking import MOST_FAILED
from tests.support.deliveries import delivered, event_of
from tests.support.eventually import eventually
from tests.support.fakes_bus import FakeBroker, FakeBus, FakeSubscription

from .listener import OPENED, Listener, opened

GROUP = "intake"
TOPIC = "mash.triage.v1"


class Noting(FakeSubscription):
    """A subscription that notes how it was used."""

    def __init__(self, broker: FakeBroker) -> None:
        super().__init__(broker, GROUP, [TOPIC])
        self.held = 0
        self.rewound: list[Positions] = []

    async def hold(self) -> None:
        self.held += 1

    async def rewind(self, positions: Positions) -> None:
        self.rewound.append(positions)
        await super().rewind(positions)


@pytest.fixture
async def broker() -> FakeBroker:
    broker = FakeBroker()
    await FakeBus(broker).create_topics([TopicSpec(topic.name, 2, 14) for topic in TOPICS])
    return broker


async def publish(broker: FakeBroker, contact: UUID, *sequences: int) -> None:
    publisher = FakeBus(broker).publisher()
    await publisher.publish([opened(contact, sequence).record for sequence in sequences])


@asynccontextmanager
async def consuming(service: Listener, subscription: Noting) -> AsyncGenerator[None]:
    stopping = asyncio.Event()
    consumer = Consumer(subscription=subscription, applier=service.applier)
    task = asyncio.create_task(consumer.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(task, 30)


@contextmanager
def away(server: EmbeddedPostgres, service: Listener) -> Generator[None]:
    """The service's database, gone for a while."""
    name = service.platform.engine.url.database
    server.sql(
        f'ALTER DATABASE "{name}" CONNECTION LIMIT 0'
        f"; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    try:
        yield
    finally:
        server.sql(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')


async def handled(service: Listener, contact: UUID, *sequences: int) -> bool:
    with suppress(Exception):  # the database may be away
        return await service.handled(contact) == [str(sequence) for sequence in sequences]
    return False


async def all_committed(broker: FakeBroker) -> bool:
    return all(broker.committed[GROUP, (TOPIC, part)] == len(broker.log[TOPIC, part]) for part in range(2))


async def test_events_are_applied_and_their_offsets_committed(service: Listener, broker: FakeBroker) -> None:
    contact, subscription = uuid4(), Noting(broker)
    async with consuming(service, subscription):
        await publish(broker, contact, 1, 2)
        await eventually(lambda: handled(service, contact, 1, 2))
        await eventually(lambda: all_committed(broker))
    assert not subscription.held


async def test_while_the_database_is_away_the_consumer_holds_and_loses_nothing(
    service: Listener, broker: FakeBroker, postgres_server: EmbeddedPostgres
) -> None:
    contact, subscription = uuid4(), Noting(broker)
    async with consuming(service, subscription):
        await publish(broker, contact, 1)
        await eventually(lambda: handled(service, contact, 1))
        with away(postgres_server, service):
            await publish(broker, contact, 2, 3)
            await asyncio.sleep(1)
            assert not await all_committed(broker)
        await eventually(lambda: handled(service, contact, 1, 2, 3))
    assert subscription.held
    assert await service.parked() == []
    assert [sequence for sequence, _ in await service.said(contact)] == [1, 2, 3]


async def test_a_stop_while_the_database_is_away_leaves_the_batch_to_the_next(
    service: Listener, broker: FakeBroker, postgres_server: EmbeddedPostgres
) -> None:
    contact, subscription = uuid4(), Noting(broker)
    with away(postgres_server, service):
        async with consuming(service, subscription):
            await publish(broker, contact, 1)
            await asyncio.sleep(0.5)
    assert subscription.rewound
    async with consuming(service, Noting(broker)):
        await eventually(lambda: handled(service, contact, 1))


async def test_while_the_bus_is_away_the_consumer_waits(service: Listener, broker: FakeBroker) -> None:
    contact = uuid4()
    broker.reachable = False
    async with consuming(service, Noting(broker)):
        await asyncio.sleep(0.3)
        broker.reachable = True
        await publish(broker, contact, 1)
        await eventually(lambda: handled(service, contact, 1))
        broker.reachable = False
        await asyncio.sleep(0.3)
        broker.reachable = True
        await publish(broker, contact, 2)
        await eventually(lambda: handled(service, contact, 1, 2))


async def test_a_restart_before_the_commit_of_offsets_repeats_nothing(service: Listener, broker: FakeBroker) -> None:
    contact = uuid4()
    await publish(broker, contact, 1, 2)
    for _ in range(3):
        broker.committed.clear()
        async with consuming(service, Noting(broker)):
            await eventually(lambda: all_committed(broker))
    assert len(await service.said(contact)) == 2


async def test_a_bad_release_stops_instead_of_draining_the_topic(service: Listener, broker: FakeBroker) -> None:
    bad = [event_of(OPENED, contact_id=uuid4(), sequence=1) for _ in range(MOST_FAILED + 10)]
    service.poison.update(event.id for event in bad)
    publisher = FakeBus(broker).publisher()

    async def stopped() -> bool:
        return len(await service.parked()) == MOST_FAILED and subscription.held > 0

    subscription = Noting(broker)
    async with consuming(service, subscription):
        await publisher.publish([delivered(event).record for event in bad])
        await eventually(stopped)
        assert not await all_committed(broker)
        service.poison.clear()  # the release is mended
        async with service.platform.engine.begin() as connection:
            await connection.execute(text("UPDATE parked SET parked_at = parked_at - interval '11 minutes'"))
        await eventually(lambda: all_committed(broker), within_seconds=30)
    assert len(await service.parked()) == MOST_FAILED
    assert await service.rows("SELECT count(*) FROM progress") == [(10,)]


async def test_a_fault_of_ours_ends_the_process(service: Listener, broker: FakeBroker) -> None:
    class Broken(Noting):
        async def commit(self, positions: Positions) -> None:
            raise ZeroDivisionError(*positions)

    await publish(broker, uuid4(), 1)
    consumer = Consumer(subscription=Broken(broker), applier=service.applier)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 10)
