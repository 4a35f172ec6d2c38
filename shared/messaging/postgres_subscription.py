"""A member of a consumer group on the PostgreSQL bus.

Everything a member does runs on one connection of its own, which holds a session lock for each partition it reads. So
a member that has lost its locks has lost its connection too: it can neither read on nor commit.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

import asyncpg
import structlog

from shared.messaging import postgres_claims as claims
from shared.messaging.backoff import Backoff
from shared.messaging.bus import BusUnavailable, Delivered, Positions, Record
from shared.messaging.postgres_connection import CLOSE_SECONDS, headers_from_json, unavailable_when_it_fails

if TYPE_CHECKING:
    from asyncpg.connection import Connection

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

IDLE_FIRST_SECONDS, IDLE_LAST_SECONDS = 0.02, 0.2
CLAIM_EVERY_SECONDS = 0.4
RECONNECT = Backoff(first_seconds=0.1, cap_seconds=5.0)

_SETTINGS = {
    "application_name": "mash bus",
    # A vanished host would keep its locks for two hours, a frozen process for ever.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "idle_session_timeout": "60s",
}

_READ = """
SELECT log.topic, log.partition, log."offset", log.key, log.value, log.headers
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS place (topic, partition, position)
CROSS JOIN LATERAL (
    SELECT * FROM bus_log
    WHERE bus_log.topic = place.topic AND bus_log.partition = place.partition AND bus_log."offset" >= place.position
    ORDER BY bus_log."offset" LIMIT $4
) AS log
LIMIT $4
"""

_COMMIT = """
UPDATE bus_offset AS stored SET next_offset = done.position
FROM unnest($2::text[], $3::int[], $4::bigint[]) AS done (topic, partition, position)
WHERE stored."group" = $1 AND stored.topic = done.topic AND stored.partition = done.partition
  AND stored.next_offset < done.position
"""

_LAG = """
SELECT coalesce(sum(greatest(0, coalesce((SELECT max("offset") + 1 FROM bus_log
    WHERE bus_log.topic = stored.topic AND bus_log.partition = stored.partition), 0) - stored.next_offset)), 0)::bigint
FROM bus_offset AS stored JOIN unnest($2::text[], $3::int[]) AS mine (topic, partition) USING (topic, partition)
WHERE stored."group" = $1
"""


class PostgresSubscription:
    """One member of a group; shares the group's partitions with the other members by session locks."""

    def __init__(self, dsn: str, *, group: str, topics: Sequence[str], answer_seconds: float) -> None:
        self._dsn = dsn
        self._answer_seconds = answer_seconds
        self._group = group
        self._topics = sorted(set(topics))
        self._connection: Connection | None = None
        self._one_statement = asyncio.Lock()  # lag is asked from another task
        self._positions: dict[claims.Place, int] = {}
        self._claimed_at = 0.0
        self._idle_seconds = IDLE_FIRST_SECONDS
        self._failures, self._next_try = 0, 0.0
        self._stopped = False

    async def start(self) -> None:
        """Connect and claim. Raises BusUnavailable, also when a topic does not exist."""
        self._stopped = False
        await self._statement(self._share, connects=True)

    async def stop(self) -> None:
        """Let the partitions go, for the others to take at once."""
        self._stopped = True
        connection, self._connection = self._connection, None
        self._positions.clear()
        if connection is not None:
            with suppress(Exception):  # closing is a courtesy: PostgreSQL frees the locks of a broken connection too
                await connection.close(timeout=CLOSE_SECONDS)

    async def poll(self, *, max_records: int, timeout_seconds: float) -> list[Delivered]:
        """The next records. Raises BusUnavailable; the next call connects again, not more often than the backoff."""
        ends = time.monotonic() + timeout_seconds
        while not self._stopped:
            if self._connection is None and (wait := self._next_try - time.monotonic()) > 0:
                await asyncio.sleep(max(0.0, min(wait, ends - time.monotonic())))
                if self._next_try > time.monotonic():
                    raise BusUnavailable("the PostgreSQL bus was lost; waiting before the next try")
            if delivered := await self._statement(
                lambda connection: self._read(connection, max_records), connects=True
            ):
                self._idle_seconds = IDLE_FIRST_SECONDS
                return delivered
            left = ends - time.monotonic()
            if left <= 0:
                return []
            await asyncio.sleep(min(left, self._idle_seconds))
            self._idle_seconds = min(self._idle_seconds * 1.2, IDLE_LAST_SECONDS)
        return []

    async def commit(self, positions: Positions) -> None:
        """Store the positions of partitions still held, forwards only; a failure is logged."""
        mine = {place: offset for place, offset in positions.items() if place in self._positions}
        if len(mine) < len(positions):
            log.warning("bus.commit_skipped", group=self._group, partitions=len(positions) - len(mine))
        if not mine:
            return
        topics, partitions = zip(*mine, strict=True)
        try:
            await self._statement(
                lambda connection: connection.execute(_COMMIT, self._group, topics, partitions, list(mine.values()))
            )
        except BusUnavailable as error:
            log.warning("bus.commit_failed", group=self._group, error=str(error))

    async def rewind(self, positions: Positions) -> None:
        """Read the partitions still held from here on; one that was lost begins at what the group committed."""
        self._positions.update({place: at for place, at in positions.items() if place in self._positions})

    async def hold(self) -> None:
        """Keep the connection from going idle. Never raises: if the bus is away too, the next poll finds out."""
        with suppress(BusUnavailable):
            await self._statement(lambda connection: connection.execute("SELECT 1"))

    async def lag(self) -> int:
        """Records on the partitions held that the group has not committed. Raises BusUnavailable."""
        topics, partitions = [topic for topic, _ in self._positions], [partition for _, partition in self._positions]
        return await self._statement(lambda connection: connection.fetchval(_LAG, self._group, topics, partitions))

    async def _read(self, connection: Connection, max_records: int) -> list[Delivered]:
        # Only here, at the start of a poll, may partitions come and go: the last batch is done with.
        if time.monotonic() - self._claimed_at > CLAIM_EVERY_SECONDS * random.uniform(0.7, 1.3):  # noqa: S311
            await self._share(connection)
        if not self._positions:
            return []
        places = list(self._positions)
        random.shuffle(places)  # else the first busy partition starves the others
        topics, partitions = zip(*places, strict=True)
        rows = await connection.fetch(_READ, topics, partitions, [self._positions[p] for p in places], max_records)
        rows.sort(key=lambda row: (row["topic"], row["partition"], row["offset"]))
        return [
            delivered
            for place, group in groupby(rows, key=lambda row: (row["topic"], row["partition"]))
            for delivered in self._in_sequence(place, list(group))
        ]

    def _in_sequence(self, place: claims.Place, rows: list[asyncpg.Record]) -> list[Delivered]:
        """The rows up to the first hole (there is none, and if there were it must not be stepped over)."""
        first = rows[0]["offset"]
        whole = [row for index, row in enumerate(rows) if row["offset"] == first + index]
        self._positions[place] = first + len(whole)
        return [
            Delivered(
                Record(row["topic"], row["key"], row["value"], headers_from_json(row["headers"])),
                row["partition"],
                row["offset"],
            )
            for row in whole
        ]

    async def _share(self, connection: Connection) -> None:
        self._claimed_at = time.monotonic()
        places = await claims.places_of(connection, self._topics)
        share = await claims.fair_share(connection, self._group, places)
        await claims.give_up_surplus(connection, self._group, self._positions, share=share)
        await claims.claim_missing(connection, self._group, places, self._positions, share=share)

    async def _statement(self, work: Callable[[Connection], Awaitable[Result]], *, connects: bool = False) -> Result:
        """Run `work` on the connection. After any failure, and a cancellation, the connection and its claims are gone:
        its state is in doubt, and starting afresh from what was committed is always right.
        """
        async with self._one_statement:
            try:
                with unavailable_when_it_fails():
                    connection = self._connection or await self._connect(allowed=connects)
                    result = await work(connection)
            except BaseException:
                self._drop()
                if connects:
                    self._failures += 1
                    delay = RECONNECT.seconds(self._failures, chance=random.random())  # noqa: S311
                    self._next_try = time.monotonic() + delay
                raise
            self._failures = 0
            return result

    async def _connect(self, *, allowed: bool) -> Connection:
        if not allowed or self._stopped:
            raise BusUnavailable("this member has no connection")
        self._connection = await asyncpg.connect(
            self._dsn, timeout=self._answer_seconds, command_timeout=self._answer_seconds, server_settings=_SETTINGS
        )
        self._positions.clear()
        await claims.join(self._connection, self._group)
        self._claimed_at = 0.0
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._positions.clear()
        if connection is not None:
            connection.terminate()
