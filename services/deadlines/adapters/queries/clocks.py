"""Clocks: lists of them, one contact's, and when the firing loop must wake. Nothing here locks or changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.deadlines.adapters.repositories import MOST_URGENT
from services.deadlines.adapters.tables import CONTACTS, DEADLINES
from services.deadlines.domain.model.deadline import State

Row = sa.RowMapping
Position = tuple[datetime, UUID]

_NEXT = sa.text(
    "SELECT (SELECT speed FROM clock) AS speed, extract(epoch FROM min(next.at) - mash_now())::float8 AS seconds"
    " FROM generate_series(CAST(:most_urgent AS int), 0, -1) AS of(urgency),"
    " LATERAL (SELECT c.next_fire_at AS at FROM contacts c WHERE c.urgency = of.urgency AND c.next_fire_at IS NOT NULL"
    " ORDER BY c.next_fire_at LIMIT 1) AS next"
)


async def seconds_to_next(engine: AsyncEngine) -> float | None:
    """Real seconds until the next clock is due, negative when it is late; None where none waits. Where business time
    stands still it is stepped, and the next step may come at once: 0.
    """
    async with engine.connect() as connection:
        row = (await connection.execute(_NEXT, {"most_urgent": MOST_URGENT})).one()
    if row.seconds is None:
        return None
    return row.seconds / row.speed if row.speed else 0.0


def _deadlines() -> sa.Select[Any]:
    joined = DEADLINES.join(CONTACTS, CONTACTS.c.contact_id == DEADLINES.c.contact_id)
    now = sa.literal_column("mash_now()").label("now")
    contact = (CONTACTS.c.reference, CONTACTS.c.team.label("owner"), CONTACTS.c.stage)
    return sa.select(DEADLINES, *contact, now).select_from(joined)


async def list_deadlines(
    connection: AsyncConnection,
    *,
    most: int,
    after: Position | None,
    due_before: datetime | None = None,
    **wanted: str | None,
) -> Sequence[Row]:
    """Clocks in the order they are due; ``wanted`` gives state, kind or rating; ``after`` is the last one seen."""
    query = _deadlines().order_by(DEADLINES.c.due_at, DEADLINES.c.id).limit(most)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(DEADLINES.c[name] == value)
    if due_before is not None:
        query = query.where(DEADLINES.c.due_at < due_before)
    if after is not None:
        query = query.where(sa.tuple_(DEADLINES.c.due_at, DEADLINES.c.id) > sa.tuple_(*map(sa.literal, after)))
    return (await connection.execute(query)).mappings().all()


async def list_next(
    connection: AsyncConnection, *, most: int, after: Position | None, **wanted: str | None
) -> Sequence[Row]:
    """Running clocks that are watched, the next to be missed first; ``wanted`` gives kind, rating, agency or owner."""
    query = _deadlines().order_by(DEADLINES.c.due_at, DEADLINES.c.id).limit(most)
    query = query.where(DEADLINES.c.state == State.RUNNING.value, DEADLINES.c.watched)
    owner = wanted.pop("owner", None)
    if owner is not None:
        query = query.where(CONTACTS.c.team == owner)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(DEADLINES.c[name] == value)
    if after is not None:
        query = query.where(sa.tuple_(DEADLINES.c.due_at, DEADLINES.c.id) > sa.tuple_(*map(sa.literal, after)))
    return (await connection.execute(query)).mappings().all()


async def deadlines_of(connection: AsyncConnection, contact_id: UUID) -> Sequence[Row] | None:
    """A contact's clocks in the order they are due; None where the contact is not known here."""
    known = await connection.execute(sa.select(CONTACTS.c.contact_id).where(CONTACTS.c.contact_id == contact_id))
    if known.first() is None:
        return None
    query = _deadlines().where(DEADLINES.c.contact_id == contact_id).order_by(DEADLINES.c.due_at, DEADLINES.c.id)
    return (await connection.execute(query)).mappings().all()
