"""The messaging core on a real Kafka beside a bare loop; triage's worker beside itself with a transaction a message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer

from benchmarks.contacts import announced
from benchmarks.figures import Figure, Options, Pace, Stopwatch, faster
from benchmarks.places import Place, a_place
from mash.kafka import temporary_kafka
from services.triage.bootstrap import Triage, open_triage
from services.triage.entrypoints.worker import HANDLERS, WHEN_PARKED
from services.triage.settings import TriageSettings
from shared.contracts.envelope import Event
from shared.contracts.intake import ContactReceived
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.apply import Applier
from shared.messaging.bus import Delivered
from shared.messaging.consumer import BATCH, positions_after
from shared.messaging.kafka import KafkaBus
from shared.messaging.parking import ParkedEvent
from shared.settings import Environment
from tests.support.deliveries import delivered

TOPIC = "mash.intake.v1"
MESSAGES = 6_000
ROUNDS = 3
REAL_BATCHED, REAL_SINGLE = 2_000, 300
ROUND_SECONDS = 120
_BARE_TABLE = "CREATE TABLE bare (event_id uuid PRIMARY KEY, value bytea NOT NULL)"
_BARE = "INSERT INTO bare SELECT * FROM unnest($1::uuid[], $2::bytea[]) ON CONFLICT DO NOTHING"
Read = TypeVar("Read")


async def run(options: Options) -> list[Figure]:
    """Median of three rounds each, taking turns."""
    del options
    with temporary_kafka() as kafka:
        async with (
            a_place(["triage"], kafka_bootstrap=kafka.bootstrap) as place,
            open_triage(TriageSettings.read(Environment(place.settings))) as triage,
        ):
            return [*await _core(place, kafka.bootstrap, triage), *await _real(place, triage)]


async def _core(place: Place, bootstrap: str, triage: Triage) -> list[Figure]:
    bus = KafkaBus(bootstrap)
    publisher = bus.publisher()
    await publisher.start()
    await publisher.publish([delivered(announced(number)).record for number in range(MESSAGES)])
    applier = Applier(
        service="triage",
        open_work=lambda: UnitOfWork(triage.platform.database),
        handlers={ContactReceived: _nothing},
        when_parked=_nothing_parked,
    )
    core: list[Pace] = []
    bare: list[Pace] = []
    for number in range(ROUNDS):
        bare.append(await _bare_loop(place, bootstrap, group=f"bare-{number}"))
        place.empty("triage")
        core.append(await _core_loop(bus, applier, group=f"core-{number}"))
        place.empty("triage")
    await bus.close()
    return faster("messaging core, handler that does nothing", core, "bare aiokafka + asyncpg", bare, aim="≥ 0.40")


async def _nothing(event: Event[ContactReceived], work: UnitOfWork) -> None:
    del event, work


async def _nothing_parked(parked: ParkedEvent, work: UnitOfWork) -> None:
    del work
    raise AssertionError(f"parked: {parked.reason}")


async def _core_loop(bus: KafkaBus, applier: Applier, *, group: str) -> Pace:
    subscription = bus.subscription(group=group, topics=[TOPIC])
    await subscription.start()

    async def poll() -> list[Delivered]:
        return await subscription.poll(max_records=BATCH, timeout_seconds=0.2)

    async def deal(batch: list[Delivered]) -> None:
        await applier.process(batch)
        await subscription.commit(positions_after(batch))

    try:
        return await _pace(poll, deal)
    finally:
        await subscription.stop()


async def _bare_loop(place: Place, bootstrap: str, *, group: str) -> Pace:
    """Read, insert, commit: as little as whoever consumes into PostgreSQL can do."""
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
    )
    connection = await asyncpg.connect(place.postgres.dsn("mash_triage"))
    await connection.execute(_BARE_TABLE)
    await consumer.start()

    async def poll() -> list[tuple[UUID, bytes]]:
        found = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        records = [record for many in found.values() for record in many]
        return [(UUID(dict(record.headers)["ce_id"].decode()), record.value or b"") for record in records]

    async def deal(batch: list[tuple[UUID, bytes]]) -> None:
        await connection.execute(_BARE, [one for one, _ in batch], [value for _, value in batch])
        await consumer.commit()

    try:
        return await _pace(poll, deal)
    finally:
        await consumer.stop()
        await connection.execute("DROP TABLE bare")
        await connection.close()


async def _pace(poll: Callable[[], Awaitable[list[Read]]], deal: Callable[[list[Read]], Awaitable[None]]) -> Pace:
    """Counted from the end of the first batch on: joining the group is not counted."""
    first, done = 0, 0
    watch = Stopwatch()
    async with asyncio.timeout(ROUND_SECONDS):
        while done < MESSAGES:
            batch = await poll()
            if batch:
                await deal(batch)
                done += len(batch)
            if not first:
                first, watch = done, Stopwatch()
    return watch.pace(done - first)


async def _real(place: Place, triage: Triage) -> list[Figure]:
    applier = Applier(service="triage", open_work=triage.work, handlers=HANDLERS, when_parked=WHEN_PARKED)
    batched: list[Pace] = []
    single: list[Pace] = []
    for _ in range(ROUNDS):
        for size, total, rounds in ((BATCH, REAL_BATCHED, batched), (1, REAL_SINGLE, single)):
            messages = [delivered(announced(number, subjects=1 + number % 3)) for number in range(total)]
            watch = Stopwatch()
            for at in range(0, total, size):
                await applier.process(messages[at : at + size])
            rounds.append(watch.pace(total))
        place.empty("triage")
    return faster("triage's worker, batches of 500", batched, "itself, one transaction a message", single, aim="≥ 5")
