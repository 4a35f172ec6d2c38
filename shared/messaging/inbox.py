"""The inbox: an event is applied once, however often it is delivered."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

KEEP_DAYS = 45
"""Longer than any replay can reach back: topics keep 14 days, parked events 45."""

_NEW = text(
    "INSERT INTO inbox (event_id) SELECT unnest(CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING RETURNING event_id"
)


async def take_new(connection: AsyncConnection, event_ids: Sequence[UUID]) -> set[UUID]:
    """Notes ``event_ids`` as received, in this transaction; returns those that had not been noted before."""
    if not event_ids:
        return set()
    return set((await connection.execute(_NEW, {"ids": sorted(set(event_ids))})).scalars())
