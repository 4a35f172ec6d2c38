"""The ledger of breaches. Nothing here locks or changes anything."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadlines.adapters.tables import BREACHES, CONTACTS, DEADLINES

from .clocks import Position, Row


async def list_breaches(connection: AsyncConnection, *, most: int, before: Position | None) -> Sequence[Row]:
    """The ledger, latest due time first, with how long each took until it was met (or takes already)."""
    clock = DEADLINES.c
    ended = sa.func.coalesce(clock.met_at, clock.cancelled_at, sa.literal_column("mash_now()"))
    minutes = sa.cast(sa.func.floor(sa.extract("epoch", ended - BREACHES.c.due_at) / 60), sa.Integer)
    query = (
        sa.select(BREACHES, CONTACTS.c.reference, clock.state, clock.met_at, minutes.label("minutes_over"))
        .select_from(
            BREACHES.outerjoin(DEADLINES, clock.id == BREACHES.c.deadline_id).outerjoin(
                CONTACTS, CONTACTS.c.contact_id == BREACHES.c.contact_id
            )
        )
        .order_by(BREACHES.c.due_at.desc(), BREACHES.c.id.desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(sa.tuple_(BREACHES.c.due_at, BREACHES.c.id) < sa.tuple_(*map(sa.literal, before)))
    return (await connection.execute(query)).mappings().all()
