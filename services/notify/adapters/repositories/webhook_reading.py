"""What partners see of their webhooks: how much is on its way, and every attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters.tables import WEBHOOK_ATTEMPT, WEBHOOK_DELIVERY
from services.notify.domain.model.webhook_delivery import OPEN, DeliveryState

Position = tuple[datetime, UUID, int]


async def counts_of(connection: AsyncConnection, webhook_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """For each webhook: how many events are on their way, and how many were given up."""
    table = WEBHOOK_DELIVERY.c
    given_up = table.state == DeliveryState.GIVEN_UP.value
    waiting = table.state.in_([state.value for state in OPEN])
    wanted = (
        sa.select(table.webhook_id, sa.func.count().filter(waiting), sa.func.count().filter(given_up))
        .where(table.webhook_id.in_(webhook_ids), table.contact_id.is_not(None))
        .group_by(table.webhook_id)
    )
    return {row[0]: (row[1], row[2]) for row in await connection.execute(wanted)}


async def attempts_of(
    connection: AsyncConnection, webhook_id: UUID, *, most: int, after: Position | None = None
) -> list[dict[str, Any]]:
    """Attempts at one webhook, newest first; ``after`` is the last row of the page before."""
    table = WEBHOOK_ATTEMPT.c
    order = (table.started_at, table.event_id, table.number)
    wanted = sa.select(WEBHOOK_ATTEMPT).where(table.webhook_id == webhook_id)
    if after is not None:
        wanted = wanted.where(sa.tuple_(*order) < sa.tuple_(*map(sa.literal, after)))
    wanted = wanted.order_by(*(column.desc() for column in order)).limit(most)
    return [dict(row) for row in (await connection.execute(wanted)).mappings()]
