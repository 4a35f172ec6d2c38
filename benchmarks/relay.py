"""Relay.publish_once on a full outbox, beside a bare producer in the same send mode."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from benchmarks.contacts import announced
from benchmarks.figures import Figure, Options, Pace, Stopwatch, faster
from benchmarks.places import Place, a_place
from mash.kafka import temporary_kafka
from shared.database.engine import make_engine
from shared.database.session_lock import SessionLock
from shared.messaging.bus import Record
from shared.messaging.kafka import KafkaBus
from shared.messaging.outbox import add_events
from shared.messaging.relay import BATCH, Relay
from tests.support.deliveries import delivered

RECORDS = 8_000
ROUNDS = 5


async def run(options: Options) -> list[Figure]:
    """Median of five rounds each, taking turns."""
    del options
    ours: list[Pace] = []
    bare: list[Pace] = []
    with temporary_kafka() as kafka:
        async with a_place(["intake"], kafka_bootstrap=kafka.bootstrap) as place:
            for _ in range(ROUNDS):
                events = [announced(number) for number in range(RECORDS)]
                bare.append(await _bare(kafka.bootstrap, [delivered(event).record for event in events]))
                engine = make_engine(place.settings["MASH_INTAKE_DATABASE_URL"])
                async with engine.begin() as connection:
                    await add_events(connection, events)
                await engine.dispose()
                ours.append(await _relay(place, kafka.bootstrap))
                place.empty("intake")
    return faster("relay: outbox → Kafka → deleted", ours, "bare aiokafka producer", bare, aim="≥ 0.60")


async def _relay(place: Place, bootstrap: str) -> Pace:
    lock = SessionLock(place.settings["MASH_INTAKE_DATABASE_URL"], "bench relay")
    assert await lock.try_acquire()
    bus = KafkaBus(bootstrap)
    publisher = bus.publisher()
    await publisher.start()
    relay = Relay(lock=lock, publisher=publisher)
    done = 0
    watch = Stopwatch()
    while published := await relay.publish_once():
        done += published
    pace = watch.pace(done)
    await bus.close()
    await lock.release()
    assert done == RECORDS
    return pace


async def _bare(bootstrap: str, records: Sequence[Record]) -> Pace:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0, max_batch_size=256 * 1024
    )
    await producer.start()
    watch = Stopwatch()
    for at in range(0, len(records), BATCH):
        window = records[at : at + BATCH]
        sent = [
            await producer.send(one.topic, one.value, key=one.key.encode(), headers=list(one.headers)) for one in window
        ]
        await asyncio.gather(*sent)
    pace = watch.pace(len(records))
    await producer.stop()
    return pace
