"""Kafka from the jars is the real thing: what it acknowledged is there after kill -9."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from mash.kafka import LocalKafka, temporary_kafka
from mash.kafka_jars import why_not

pytestmark = [pytest.mark.kafka, pytest.mark.skipif(why_not() is not None, reason=f"no Kafka jars: {why_not()}")]
LIMIT_SECONDS = 30


@pytest.fixture
def broker() -> Iterator[LocalKafka]:
    with temporary_kafka() as kafka:
        yield kafka


async def test_records_and_positions_survive_kill_9(broker: LocalKafka) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        async with _started(AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
            await admin.create_topics([NewTopic("kept", num_partitions=3, replication_factor=1)])
        await _produce(broker, range(100))
        assert await _consume(broker, 100) == set(range(100))
    address = broker.bootstrap

    broker.restart(kill=True)

    assert broker.bootstrap == address
    async with asyncio.timeout(LIMIT_SECONDS):
        await _produce(broker, range(100, 110))
        assert await _consume(broker, 10) == set(range(100, 110))


async def _produce(broker: LocalKafka, numbers: range) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True)
    async with _started(producer):
        for number in numbers:
            await producer.send("kept", str(number).encode(), key=str(number).encode())
        await producer.flush()


async def _consume(broker: LocalKafka, count: int) -> set[int]:
    consumer = AIOKafkaConsumer(
        "kept",
        bootstrap_servers=broker.bootstrap,
        group_id="readers",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    found: list[int] = []
    async with _started(consumer):
        while len(found) < count:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [int(record.value or b"") for record in records]
        await consumer.commit()
    assert len(found) == count
    return set(found)


@asynccontextmanager
async def _started(client: Any) -> AsyncGenerator[Any]:
    await client.start()
    try:
        yield client
    finally:
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
