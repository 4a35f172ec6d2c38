"""What is stuck between the stages. Nothing here locks or changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from .clocks import Row

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
