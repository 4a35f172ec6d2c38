"""How far the bus is: what has been published in all, and what some consumer has not committed yet."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.contracts.topics import TOPICS
from shared.messaging.postgres_connection import asyncpg_dsn

ANSWER_SECONDS = 10.0
_GROUPS = [(consumer, topic.name) for topic in TOPICS for consumer in topic.consumers]
_PROGRESS = """
WITH ends AS (
    SELECT topic, number, coalesce((SELECT max(log."offset") + 1 FROM bus_log AS log
                                    WHERE log.topic = kept.topic AND log.partition = number), 0) AS at
    FROM bus_topic AS kept, generate_series(0, kept.partitions - 1) AS number
    WHERE kept.topic = ANY($2::text[])
)
SELECT (SELECT coalesce(sum(at), 0) FROM ends)::bigint AS published,
       coalesce(sum(ends.at - coalesce(reader.next_offset, 0)), 0)::bigint AS behind
FROM unnest($1::text[], $2::text[]) AS wanted (reads, topic)
JOIN ends USING (topic)
LEFT JOIN bus_offset AS reader ON reader."group" = wanted.reads AND reader.topic = ends.topic
                              AND reader.partition = ends.number
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """``published`` records ever; ``behind``: records that groups have still to commit, over all groups."""

    published: int
    behind: int


class BusProgress(Protocol):
    """Asked again and again while business time waits for quiet."""

    async def read(self) -> Progress:
        """How far the bus is now."""
        ...


class PostgresProgress:
    """Of the embedded bus, from its own tables."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Use an open connection to the bus's database."""
        self._connection = connection

    async def read(self) -> Progress:
        """One statement, one snapshot."""
        groups, topics = [group for group, _ in _GROUPS], [topic for _, topic in _GROUPS]
        row = await self._connection.fetchrow(_PROGRESS, groups, topics, timeout=ANSWER_SECONDS)
        return Progress(row["published"], row["behind"]) if row else Progress(0, 0)


class KafkaProgress:
    """Of a Kafka cluster, from the groups' committed offsets."""

    def __init__(self, admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer) -> None:
        """Use an admin client and a consumer without a group, both started."""
        self._admin = admin
        self._reader = reader

    async def read(self) -> Progress:
        """Committed offsets first: what is published in between counts as behind, never the other way round."""
        async with asyncio.timeout(ANSWER_SECONDS):
            groups = sorted({group for group, _ in _GROUPS})
            answers = await asyncio.gather(*map(self._admin.list_consumer_group_offsets, groups))
            committed = dict(zip(groups, answers, strict=True))
            places = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
            ends: Mapping[TopicPartition, int] = await self._reader.end_offsets(places)
        behind = sum(
            max(0, ends[place] - (committed[group][place].offset if place in committed[group] else 0))
            for group, topic in _GROUPS
            for place in places
            if place.topic == topic
        )
        return Progress(sum(ends.values()), behind)


@asynccontextmanager
async def bus_progress(settings: Mapping[str, str]) -> AsyncGenerator[BusProgress]:
    """The progress of the bus that the settings name."""
    if settings.get("MASH_BUS", "postgres") == "kafka":
        admin = AIOKafkaAdminClient(bootstrap_servers=settings["MASH_KAFKA_BOOTSTRAP"])
        reader = AIOKafkaConsumer(bootstrap_servers=settings["MASH_KAFKA_BOOTSTRAP"], enable_auto_commit=False)
        await admin.start()
        try:
            await reader.start()
            yield KafkaProgress(admin, reader)
        finally:
            await reader.stop()
            await admin.close()
        return
    connection = await asyncpg.connect(asyncpg_dsn(settings["MASH_BUS_DATABASE_URL"]), timeout=ANSWER_SECONDS)
    try:
        yield PostgresProgress(connection)
    finally:
        await connection.close()
