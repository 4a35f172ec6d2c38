"""The ledger of breaches, and what was said of them. Nothing here locks or changes anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadlines.adapters.tables import BREACHES, CONTACTS, DEADLINES, EXPLANATIONS

from .clocks import Position, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: ``equal`` by column; due from (included) to (not); explained or not; excused or not."""

    equal: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    due_from: datetime | None = None
    due_to: datetime | None = None
    explained: bool | None = None
    excused: bool | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What an entry must satisfy."""
        found = [BREACHES.c[name] == value for name, value in self.equal.items() if value is not None]
        if self.due_from is not None:
            found.append(BREACHES.c.due_at >= self.due_from)
        if self.due_to is not None:
            found.append(BREACHES.c.due_at < self.due_to)
        if self.explained is not None:
            found.append(_EXPLAINED if self.explained else sa.not_(_EXPLAINED))
        if self.excused is not None:
            found.append(sa.func.coalesce(_EXCUSED, sa.false()) == sa.literal(self.excused))
        return found


_NEWEST_FIRST = (EXPLANATIONS.c.explained_at.desc(), EXPLANATIONS.c.id.desc())
_EXPLAINED = sa.exists().where(EXPLANATIONS.c.breach_id == BREACHES.c.id)
_EXCUSED = (
    sa.select(EXPLANATIONS.c.excused)
    .where(EXPLANATIONS.c.breach_id == BREACHES.c.id, EXPLANATIONS.c.excused.is_not(None))
    .order_by(*_NEWEST_FIRST)
    .limit(1)
    .correlate(BREACHES)
    .scalar_subquery()
)


def _breaches() -> sa.Select[Any]:
    clock = DEADLINES.c
    ended = sa.func.coalesce(clock.met_at, clock.cancelled_at, sa.literal_column("mash_now()"))
    minutes = sa.cast(sa.func.floor(sa.extract("epoch", ended - BREACHES.c.due_at) / 60), sa.Integer)
    # An erased contact's clock is gone: nobody knows any more when it was met.
    over = sa.case((clock.id.is_(None), None), else_=minutes).label("minutes_over")
    return sa.select(
        BREACHES, CONTACTS.c.reference, clock.state, clock.met_at, over, _EXCUSED.label("excused")
    ).select_from(
        BREACHES.outerjoin(DEADLINES, clock.id == BREACHES.c.deadline_id).outerjoin(
            CONTACTS, CONTACTS.c.contact_id == BREACHES.c.contact_id
        )
    )


async def list_breaches(
    connection: AsyncConnection, *, most: int, before: Position | None, wanted: Wanted | None = None
) -> Sequence[Row]:
    """The ledger, latest due time first, with how long each took until it was met (or takes already)."""
    query = _breaches().order_by(BREACHES.c.due_at.desc(), BREACHES.c.id.desc()).limit(most)
    query = query.where(*(wanted or Wanted()).conditions())
    if before is not None:
        query = query.where(sa.tuple_(BREACHES.c.due_at, BREACHES.c.id) < sa.tuple_(*map(sa.literal, before)))
    return (await connection.execute(query)).mappings().all()


async def contact_of_breach(connection: AsyncConnection, breach_id: UUID) -> UUID | None:
    """Whose breach it is; None where there is none of this id."""
    found = await connection.execute(sa.select(BREACHES.c.contact_id).where(BREACHES.c.id == breach_id))
    return found.scalar_one_or_none()


async def explanations_of(connection: AsyncConnection, breach_ids: Collection[UUID]) -> dict[UUID, list[Row]]:
    """What was said of these breaches, by breach, newest first; notes still sealed."""
    query = sa.select(EXPLANATIONS).where(EXPLANATIONS.c.breach_id.in_(breach_ids)).order_by(*_NEWEST_FIRST)
    found: dict[UUID, list[Row]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["breach_id"], []).append(row)
    return found
