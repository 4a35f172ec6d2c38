"""What has been given out of a month that is over: added to, never changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadlines.adapters.tables import PUBLISHED
from services.deadlines.domain.model.published import Publication
from shared.database.batch import insert

_LOCK = sa.text("SELECT pg_advisory_xact_lock(CAST(:space AS int), CAST(:month AS int))")
_SPACE = 730_510_691
"""Any number that no other lock of ours has: of one month two readers count one after the other."""


async def lock_month(connection: AsyncConnection, month: date) -> None:
    """Lets nobody else add to this month until the transaction ends. Ask before counting."""
    await connection.execute(_LOCK, {"space": _SPACE, "month": month.toordinal()})


async def published(connection: AsyncConnection, month: date) -> list[Publication]:
    """Every version that was given out, the first one first."""
    query = sa.select(PUBLISHED).where(PUBLISHED.c.month == month).order_by(PUBLISHED.c.version)
    return [_publication(dict(row)) for row in (await connection.execute(query)).mappings()]


async def add_publication(connection: AsyncConnection, one: Publication) -> None:
    """One more version."""
    row = {name: getattr(one, name) for name in Publication.__slots__}
    await insert(connection, PUBLISHED, [row])


def _publication(row: dict[str, Any]) -> Publication:
    figures = {
        code: (value, numerator, denominator) for code, (value, numerator, denominator) in row["figures"].items()
    }
    row["figures"] = figures
    return Publication(**row)
