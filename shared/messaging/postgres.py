"""The embedded bus: an append-only log per topic and partition in a PostgreSQL database of its own.

A reader never overtakes a writer: offsets of a partition are given out under a lock that is held until the commit, so
offset n is visible before n + 1 exists.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import TYPE_CHECKING

import asyncpg

from shared.messaging.bus import BusUnavailable, Record, TopicSpec
from shared.messaging.postgres_connection import (
    ANSWER_SECONDS,
    CLOSE_SECONDS,
    asyncpg_dsn,
    headers_to_json,
    lock_number,
    unavailable_when_it_fails,
)
from shared.messaging.postgres_subscription import PostgresSubscription

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

PUBLISH_SECONDS = 30.0

_TABLES = """
CREATE TABLE IF NOT EXISTS bus_topic (
    topic text PRIMARY KEY,
    partitions int NOT NULL CHECK (partitions > 0),
    retention_days int NOT NULL CHECK (retention_days > 0)
);
CREATE TABLE IF NOT EXISTS bus_log (
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    key text NOT NULL,
    value bytea NOT NULL,
    headers text NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, partition, "offset")
);
CREATE TABLE IF NOT EXISTS bus_offset (
    "group" text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY ("group", topic, partition)
);
"""

_PRUNE = """
DELETE FROM bus_log AS log
USING bus_topic AS kept
WHERE log.topic = kept.topic
  AND log.appended_at < clock_timestamp() - make_interval(days => kept.retention_days)
  AND log."offset" < (SELECT max(last."offset") FROM bus_log AS last
                      WHERE last.topic = log.topic AND last.partition = log.partition)
  AND NOT EXISTS (SELECT FROM bus_offset AS reader
                  WHERE reader.topic = log.topic AND reader.partition = log.partition
                    AND reader.next_offset <= log."offset")
"""


class PostgresBus:
    """The bus on PostgreSQL.

    `dsn` as asyncpg or SQLAlchemy write it, Unix sockets too; never through a pooling proxy, because membership is a
    lock of the connection. `answer_seconds` is the limit on every statement.
    """

    def __init__(self, dsn: str, *, pool_size: int = 4, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._dsn = asyncpg_dsn(dsn)
        self._answer_seconds = answer_seconds
        self._pool_size = pool_size
        self._pool: asyncpg.Pool | None = None
        self._partitions: dict[str, int] = {}
        self._subscriptions: list[PostgresSubscription] = []

    def publisher(self) -> PostgresPublisher:
        """A new publisher; publishers share the pool of this bus."""
        return PostgresPublisher(self)

    def subscription(self, *, group: str, topics: Sequence[str]) -> PostgresSubscription:
        """A new member of the group, with a connection of its own."""
        member = PostgresSubscription(self._dsn, group=group, topics=topics, answer_seconds=self._answer_seconds)
        self._subscriptions.append(member)
        return member

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Make tables and topics. An existing topic takes the new retention and keeps its number of partitions."""
        async with self.connection() as connection:
            await connection.execute("BEGIN")
            # CREATE TABLE IF NOT EXISTS fails when two run at once; in a statement of its own, or it would not wait.
            await connection.execute("SELECT pg_advisory_xact_lock($1)", lock_number("tables"))
            await connection.execute(_TABLES)
            await connection.executemany(
                "INSERT INTO bus_topic (topic, partitions, retention_days) VALUES ($1, $2, $3) "
                "ON CONFLICT (topic) DO UPDATE SET retention_days = excluded.retention_days",
                [(topic.name, topic.partitions, topic.retention_days) for topic in topics],
            )
            await connection.execute("COMMIT")

    async def check(self) -> None:
        """Raise BusUnavailable unless the database answers."""
        async with self.connection() as connection:
            await connection.execute("SELECT 1")

    async def prune(self) -> int:
        """Delete what is past its topic's retention; the number of records deleted. Call now and then.

        Kept however old: what a known group has not committed, and the last record of a partition, which carries the
        offset on (an empty partition would begin again at 0, below what its readers have committed).
        """
        async with self.connection() as connection:
            return int((await connection.execute(_PRUNE)).split()[-1])

    async def close(self) -> None:
        """Stop the subscriptions and close the pool."""
        for member in self._subscriptions:
            await member.stop()
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[PoolConnectionProxy]:
        """A connection from the pool. After any failure it is thrown away, which rolls back: its state is in doubt."""
        with unavailable_when_it_fails():
            pool = await self._open_pool()
            connection = await pool.acquire(timeout=self._answer_seconds)
            try:
                yield connection
            except BaseException:
                connection.terminate()
                raise
            finally:
                await pool.release(connection, timeout=CLOSE_SECONDS)

    async def partitions_of(self, topic: str, connection: PoolConnectionProxy) -> int:
        """How many partitions the topic has. Raises BusUnavailable when there is no such topic (yet)."""
        if topic not in self._partitions:
            rows = await connection.fetch("SELECT topic, partitions FROM bus_topic")
            self._partitions = {row["topic"]: row["partitions"] for row in rows}
        if topic not in self._partitions:
            raise BusUnavailable(f"the topic {topic} does not exist")
        return self._partitions[topic]

    async def _open_pool(self) -> asyncpg.Pool:
        if self._pool is None:
            # min_size 0: making the pool connects to nothing, so no await lets a second one slip in.
            self._pool = asyncpg.create_pool(
                self._dsn,
                min_size=0,
                max_size=self._pool_size,
                timeout=self._answer_seconds,
                command_timeout=self._answer_seconds,
            )
        return await self._pool


class PostgresPublisher:
    """Appends records: one transaction a call, whatever the number of topics and partitions."""

    def __init__(self, bus: PostgresBus) -> None:
        self._bus = bus

    async def start(self) -> None:
        """See that the bus is there. Raises BusUnavailable."""
        await self._bus.check()

    async def stop(self) -> None:
        """Nothing is held between calls."""

    async def publish(self, records: Sequence[Record]) -> None:
        """All or none: durable when it returns. Raises BusUnavailable, the outcome then being unknown."""
        if records:
            with unavailable_when_it_fails():
                async with asyncio.timeout(PUBLISH_SECONDS), self._bus.connection() as connection:
                    await self._append(records, connection)

    async def _append(self, records: Sequence[Record], connection: PoolConnectionProxy) -> None:
        placed = [((record.topic, await self._partition(record, connection)), record) for record in records]
        placed.sort(key=lambda item: item[0])  # stable: order per key stays
        places = sorted({place for place, _ in placed})
        await connection.execute("BEGIN")
        # A statement of its own: a statement that both locks and reads takes its snapshot before it has the lock, and
        # two writers are given the same offset. Sorted, so that two writers cannot wait for each other.
        await connection.fetch(
            "SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number",
            sorted(lock_number("append", *place) for place in places),
        )
        offsets = await self._next_offsets(places, connection)
        rows = [
            (topic, partition, offset, record.key, record.value, headers_to_json(record.headers))
            for (topic, partition), group in groupby(placed, key=lambda item: item[0])
            for offset, (_, record) in enumerate(group, start=offsets[topic, partition])
        ]
        await connection.execute(
            'INSERT INTO bus_log (topic, partition, "offset", key, value, headers) '
            "SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::bytea[], $6::text[])",
            *zip(*rows, strict=True),
        )
        await connection.execute("COMMIT")

    async def _partition(self, record: Record, connection: PoolConnectionProxy) -> int:
        return zlib.crc32(record.key.encode()) % await self._bus.partitions_of(record.topic, connection)

    async def _next_offsets(
        self, places: Sequence[tuple[str, int]], connection: PoolConnectionProxy
    ) -> dict[tuple[str, int], int]:
        rows = await connection.fetch(
            'SELECT topic, partition, coalesce((SELECT max("offset") FROM bus_log AS log '
            "WHERE log.topic = place.topic AND log.partition = place.partition), -1) + 1 AS next_offset "
            "FROM unnest($1::text[], $2::int[]) AS place (topic, partition)",
            *zip(*places, strict=True),
        )
        return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
