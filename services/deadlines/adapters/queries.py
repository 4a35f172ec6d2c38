"""What the routes, the watchdog and the firing loop's sleep read. Nothing here locks or changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.deadlines.adapters.repositories import MOST_URGENT
from services.deadlines.adapters.tables import BREACHES, CONTACTS, DEADLINES

Row = sa.RowMapping
Position = tuple[datetime, UUID]

_NEXT = sa.text(
    "SELECT (SELECT speed FROM clock) AS speed, extract(epoch FROM min(next.at) - mash_now())::float8 AS seconds"
    " FROM generate_series(CAST(:most_urgent AS int), 0, -1) AS of(urgency),"
    " LATERAL (SELECT c.next_fire_at AS at FROM contacts c WHERE c.urgency = of.urgency AND c.next_fire_at IS NOT NULL"
    " ORDER BY c.next_fire_at LIMIT 1) AS next"
)

_STUCK = {
    "without_clock": "live_clocks = 0 AND closed_at IS NULL AND linked_at IS NULL"
    " AND NOT (decided_at IS NOT NULL AND (informed_at IS NOT NULL OR NOT to_be_informed))"
    " AND changed_at < mash_now() - make_interval(secs => 60 * speed)",
    "not_rated": "rating_version = 0 AND closed_at IS NULL"
    " AND accepted_at < mash_now() - make_interval(secs => 60 * speed)",
    "not_informed": "decided_at IS NOT NULL AND informed_at IS NULL AND to_be_informed"
    " AND decided_at < mash_now() - make_interval(secs => 600 * speed)",
}
"""What is stuck: after a minute (telling: ten) of real time, so that a fast clock raises no false alarm."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """One kind of standstill, counted in contacts and in subjects (a contact that names nobody counts as one)."""

    what: str
    contacts: int
    subjects: int


async def seconds_to_next(engine: AsyncEngine) -> float | None:
    """Real seconds until the next clock is due, negative when it is late; None where none waits."""
    async with engine.connect() as connection:
        row = (await connection.execute(_NEXT, {"most_urgent": MOST_URGENT})).one()
    return None if row.seconds is None else row.seconds / max(row.speed, 1e-9)


async def count_stuck(connection: AsyncConnection) -> list[Stuck]:
    """How many contacts and subjects are stuck, for each kind."""
    counted = " UNION ALL ".join(
        f"SELECT '{what}' AS what, count(*) AS contacts, coalesce(sum(greatest(subjects, 1)), 0) AS subjects"
        f" FROM contacts, clock WHERE {condition}"
        for what, condition in _STUCK.items()
    )
    rows = (await connection.execute(sa.text(counted))).all()
    return [Stuck(row.what, int(row.contacts), int(row.subjects)) for row in rows]


async def list_stuck(connection: AsyncConnection, what: str, *, most: int) -> Sequence[Row]:
    """The contacts behind one count, the longest waiting first."""
    found = sa.text(
        "SELECT contact_id, reference, stage, received_at, subjects,"
        " coalesce(decided_at, accepted_at, changed_at) AS since"
        f" FROM contacts, clock WHERE {_STUCK[what]} ORDER BY since, contact_id LIMIT :most"
    )
    return (await connection.execute(found, {"most": most})).mappings().all()


def _deadlines() -> sa.Select[Any]:
    joined = DEADLINES.join(CONTACTS, CONTACTS.c.contact_id == DEADLINES.c.contact_id)
    now = sa.literal_column("mash_now()").label("now")
    return sa.select(DEADLINES, CONTACTS.c.reference, CONTACTS.c.team.label("owner"), now).select_from(joined)


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


async def deadlines_of(connection: AsyncConnection, contact_id: UUID) -> Sequence[Row] | None:
    """A contact's clocks in the order they are due; None where the contact is not known here."""
    known = await connection.execute(sa.select(CONTACTS.c.contact_id).where(CONTACTS.c.contact_id == contact_id))
    if known.first() is None:
        return None
    query = _deadlines().where(DEADLINES.c.contact_id == contact_id).order_by(DEADLINES.c.due_at, DEADLINES.c.id)
    return (await connection.execute(query)).mappings().all()


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
