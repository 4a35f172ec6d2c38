"""What is behind, counted for the alarms. Nothing here locks or changes anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadlines.domain.model.deadline import LIVE, State
from shared.figures import OTHER

NOBODY_HAS_OPENED = ("received", "rated")
_OVERDUE = sa.text("SELECT kind, rating, count(*) AS number FROM deadlines WHERE state = :missed GROUP BY kind, rating")
_NEXT = sa.text(
    "SELECT CAST(extract(epoch FROM due_at - mash_now()) AS float8) FROM deadlines"
    " WHERE state = :running AND watched ORDER BY due_at LIMIT 1"
)
_UNOPENED = sa.text(
    "SELECT count(*) AS number, coalesce(extract(epoch FROM mash_now() - min(since)), 0)::float8 AS oldest"
    " FROM (SELECT min(d.set_at) AS since FROM deadlines d JOIN contacts c USING (contact_id)"
    " WHERE d.state = ANY(CAST(:live AS text[])) AND d.pages"
    # One that was closed unopened and reopened is at work again, and is still waited for.
    " AND (c.stage = ANY(CAST(:stages AS text[])) OR d.kind = ANY(CAST(:until_opened AS text[])))"
    " AND c.closed_at IS NULL AND c.linked_at IS NULL GROUP BY d.contact_id) AS paging"
)
_UNEXPLAINED = sa.text(
    "SELECT count(*) AS number, coalesce(extract(epoch FROM mash_now() - min(found_at)), 0)::float8 AS oldest"
    " FROM breaches b WHERE NOT EXISTS (SELECT 1 FROM explanations e WHERE e.breach_id = b.id)"
)


@dataclass(frozen=True, slots=True)
class HowMany:
    """So many, and for how many business seconds the oldest."""

    number: int
    oldest_seconds: float


async def count_overdue(
    connection: AsyncConnection, *, kinds: Collection[str], ratings: Collection[str]
) -> dict[tuple[str, str], int]:
    """Clocks missed and not met, by kind and rating; of each that is not named, "other"; unrated ones "none"."""
    found: Counter[tuple[str, str]] = Counter()
    for row in await connection.execute(_OVERDUE, {"missed": State.BREACHED.value}):
        rating = "none" if row.rating is None else row.rating if row.rating in ratings else OTHER
        found[row.kind if row.kind in kinds else OTHER, rating] += row.number
    return dict(found)


async def seconds_to_next_due(connection: AsyncConnection) -> float | None:
    """Business seconds until the next running clock is due; None where none runs."""
    return (await connection.execute(_NEXT, {"running": State.RUNNING.value})).scalar_one_or_none()


async def count_unopened(connection: AsyncConnection, *, until_opened: Collection[str]) -> HowMany:
    """Contacts that page somebody and that nobody has opened, since they began to page; ``until_opened`` are the kinds
    of clock that run until somebody does.
    """
    wanted = {
        "live": [state.value for state in LIVE],
        "stages": list(NOBODY_HAS_OPENED),
        "until_opened": list(until_opened),
    }
    row = (await connection.execute(_UNOPENED, wanted)).one()
    return HowMany(row.number, row.oldest)


async def count_unexplained(connection: AsyncConnection) -> HowMany:
    """Breaches that nobody has explained, since they were found."""
    row = (await connection.execute(_UNEXPLAINED)).one()
    return HowMany(row.number, row.oldest)
