"""Which member of a group reads which partition of the PostgreSQL bus: session locks, and nothing to clean up.

A member shows itself by a shared lock on the group, so everybody can count the members and work out a fair share. All
of it vanishes with the connection, so the partitions of a killed member are free at once.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.messaging.bus import BusUnavailable
from shared.messaging.postgres_connection import lock_number

if TYPE_CHECKING:
    from asyncpg.connection import Connection

Place = tuple[str, int]

_MEMBERS = """
SELECT count(DISTINCT pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND mode = 'ShareLock' AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = (($1::bigint >> 32) & 4294967295)::oid AND objid = ($1::bigint & 4294967295)::oid
"""


async def join(connection: Connection, group: str) -> None:
    """Be counted as a member. Call once on a new connection: session locks count how often they were taken."""
    await connection.execute("SELECT pg_advisory_lock_shared($1)", lock_number("members", group))


async def places_of(connection: Connection, topics: Sequence[str]) -> list[Place]:
    """All partitions of the topics. Raises BusUnavailable when a topic does not exist (yet)."""
    rows = await connection.fetch("SELECT topic, partitions FROM bus_topic WHERE topic = ANY($1)", topics)
    if len(rows) < len(topics):
        raise BusUnavailable(f"topics do not exist: {sorted(set(topics) - {row['topic'] for row in rows})}")
    return [(row["topic"], partition) for row in rows for partition in range(row["partitions"])]


async def fair_share(connection: Connection, group: str, places: Sequence[Place]) -> int:
    """How many partitions each member may hold."""
    members = await connection.fetchval(_MEMBERS, lock_number("members", group))
    return -(-len(places) // max(1, members))


async def give_up_surplus(connection: Connection, group: str, positions: dict[Place, int], *, share: int) -> None:
    """Unlock, and take out of `positions`, what is above the share. Only between batches."""
    for place in random.sample(sorted(positions), max(0, len(positions) - share)):
        await connection.execute("SELECT pg_advisory_unlock($1)", lock_number("read", group, *place))
        del positions[place]


async def claim_missing(
    connection: Connection, group: str, places: Sequence[Place], positions: dict[Place, int], *, share: int
) -> None:
    """Lock free partitions up to the share, and put what the group committed for them into `positions`."""
    wanted = share - len(positions)
    free = [place for place in places if place not in positions]
    random.shuffle(free)  # members that start together would else fight for the same ones
    for place in free:
        if wanted <= 0:
            break
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock_number("read", group, *place)):
            positions[place] = await _committed(connection, group, place)
            wanted -= 1


async def _committed(connection: Connection, group: str, place: Place) -> int:
    # The row is made at the first claim, so that prune knows the group before its first commit.
    await connection.execute(
        'INSERT INTO bus_offset ("group", topic, partition, next_offset) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING',
        group,
        *place,
    )
    return await connection.fetchval(
        'SELECT next_offset FROM bus_offset WHERE "group" = $1 AND topic = $2 AND partition = $3', group, *place
    )
