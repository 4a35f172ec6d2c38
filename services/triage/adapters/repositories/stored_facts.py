"""Facts as they are kept, contact by contact, for replaying them under another policy: no name, no text, no person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.policy.backtest import StoredContact, StoredSubject
from shared.policy.facts import facts_from

PAGE = 1000
_FIRST = UUID(int=0)

_PAGE = text("""
SELECT c.contact_id, c.reference, c.received_at, s.subjects FROM (
    SELECT contact_id, reference, received_at FROM cases
    WHERE contact_id > :after AND received_at IS NOT NULL
      AND received_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
      AND received_at < coalesce(CAST(:until AS timestamptz), 'infinity')
    ORDER BY contact_id LIMIT :most
) c LEFT JOIN LATERAL (
    SELECT coalesce(CAST(json_agg(json_build_array(s.position, s.facts) ORDER BY s.position) AS text), '[]') AS subjects
    FROM subjects s WHERE s.contact_id = c.contact_id
) s ON true ORDER BY c.contact_id
""")
_COUNT = text("""
SELECT count(*) FROM cases
WHERE received_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
  AND received_at < coalesce(CAST(:until AS timestamptz), 'infinity')
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Contacts received from ``since`` up to, not at, ``until``; None: without end."""

    since: datetime | None = None
    until: datetime | None = None

    def parameters(self) -> dict[str, object]:
        """As the statements name them."""
        return {"since": self.since, "until": self.until}


async def count(connection: AsyncConnection, window: Window) -> int:
    """How many contacts were received in the window."""
    return (await connection.execute(_COUNT, window.parameters())).scalar_one()


async def pages(engine: AsyncEngine, window: Window, *, limit: int | None = None) -> AsyncIterator[Sequence[Any]]:
    """Rows of the contacts in the window, a thousand at a time, each page read in a transaction of its own.

    By contact id, which is chance: where ``limit`` cuts, what came first is an even sample of the window.
    """
    after, left = _FIRST, limit
    while left is None or left > 0:
        most = PAGE if left is None else min(PAGE, left)
        async with engine.connect() as connection:
            rows = (await connection.execute(_PAGE, {**window.parameters(), "after": after, "most": most})).all()
        if not rows:
            return
        yield rows
        after = rows[-1].contact_id
        left = None if left is None else left - len(rows)


def contacts_in(rows: Sequence[Any]) -> list[StoredContact]:
    """The contacts of one page. Plain work of the processor: run it where it keeps nobody waiting."""
    return [StoredContact(row.contact_id, row.reference, row.received_at, subjects_in(row.subjects)) for row in rows]


def subjects_in(document: str) -> tuple[StoredSubject, ...]:
    """The subjects of one contact, out of the database's JSON."""
    return tuple(
        StoredSubject(position, facts_from(facts) if facts is not None else None)
        for position, facts in json.loads(document)
    )
