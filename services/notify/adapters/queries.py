"""What the REST side reads: messages with their tries, and what was attested."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.domain.model import State

from .tables import ATTEMPT, CONTACT, MESSAGE, TOLD

Row = dict[str, Any]


async def list_messages(
    connection: AsyncConnection,
    *,
    most: int,
    after: tuple[datetime, UUID] | None = None,
    state: str | None = None,
    kind: str | None = None,
    contact_id: UUID | None = None,
) -> list[Row]:
    """Messages with the contact's reference, newest first; ``after`` is the last row of the page before."""
    wanted = _with_reference().order_by(MESSAGE.c.created_at.desc(), MESSAGE.c.id.desc()).limit(most)
    for column, value in ((MESSAGE.c.state, state), (MESSAGE.c.kind, kind), (MESSAGE.c.contact_id, contact_id)):
        if value is not None:
            wanted = wanted.where(column == value)
    if after is not None:
        wanted = wanted.where(sa.tuple_(MESSAGE.c.created_at, MESSAGE.c.id) < sa.tuple_(*map(sa.literal, after)))
    return [dict(row) for row in (await connection.execute(wanted)).mappings()]


async def one_message(connection: AsyncConnection, message_id: UUID) -> Row | None:
    """One message with the contact's reference."""
    row = (await connection.execute(_with_reference().where(MESSAGE.c.id == message_id))).mappings().one_or_none()
    return None if row is None else dict(row)


async def tries_of(connection: AsyncConnection, message_id: UUID) -> Sequence[Row]:
    """Every try at one message, in order."""
    wanted = sa.select(ATTEMPT).where(ATTEMPT.c.message_id == message_id).order_by(ATTEMPT.c.number)
    return [dict(row) for row in (await connection.execute(wanted)).mappings()]


async def attested_of(connection: AsyncConnection, message_id: UUID) -> Sequence[Row]:
    """What staff attested about one message; notes still sealed."""
    wanted = sa.select(TOLD).where(sa.literal(message_id) == sa.any_(TOLD.c.message_ids)).order_by(TOLD.c.told_at)
    return [dict(row) for row in (await connection.execute(wanted)).mappings()]


async def knows_contact(connection: AsyncConnection, contact_id: UUID) -> bool:
    """Whether there is anything to tell about this contact here."""
    wanted = sa.select(sa.exists().where(CONTACT.c.contact_id == contact_id))
    return bool((await connection.execute(wanted)).scalar_one())


async def count_tasks(connection: AsyncConnection) -> int:
    """How many messages a person must deal with."""
    wanted = sa.select(sa.func.count()).select_from(MESSAGE).where(MESSAGE.c.state == State.NEEDS_PERSON.value)
    return int((await connection.execute(wanted)).scalar_one())


def _with_reference() -> sa.Select[Any]:
    return sa.select(MESSAGE, CONTACT.c.reference).join(CONTACT, CONTACT.c.contact_id == MESSAGE.c.contact_id)
