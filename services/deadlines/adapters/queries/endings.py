"""How the contacts of a month ended, by who sent them. Nothing here locks or changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .clocks import Row

_KIND = "coalesce(substring(source_code FROM '^[0-9]+'), '')"
"""The group of a DfE source code: 2 of 2A."""

_ROWS = sa.text(
    f"SELECT organisation_id, {_KIND} AS kind, ended, outcome, level, rating, reasons, received, stands_for_contact,"
    " count(*) AS number FROM measured_subjects"
    " WHERE months @> ARRAY[CAST(:month AS date)] AND received_month = CAST(:month AS date)"
    " AND (received OR stands_for_contact) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
)


async def endings_of(connection: AsyncConnection, month: date) -> Sequence[Row]:
    """The subjects received in a month (its first day), counted by sender and by how it ended for them."""
    return (await connection.execute(_ROWS, {"month": month})).mappings().all()
