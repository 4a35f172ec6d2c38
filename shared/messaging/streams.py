"""Each contact's row lock and sequence numbers: what we sent about it, and what we last saw of each producer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_MAKE = text("INSERT INTO contact_stream (contact_id) SELECT unnest(CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING")
STREAM_COLUMNS = "s.contact_id, s.sent, s.seen, s.erased_at, k.wrapped"
"""What ``stream_from`` reads: of contact_stream s, LEFT JOIN contact_keys k."""
_LOCK = text(
    f"SELECT {STREAM_COLUMNS} FROM contact_stream s LEFT JOIN contact_keys k USING (contact_id)"
    " WHERE s.contact_id = ANY(CAST(:ids AS uuid[])) ORDER BY s.contact_id FOR UPDATE OF s"
)
_SAVE = text(
    "UPDATE contact_stream s SET sent = u.sent, seen = u.seen::jsonb, erased_at = u.erased_at"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:sent AS int[]), CAST(:seen AS text[]), CAST(:erased AS timestamptz[]))"
    " AS u(contact_id, sent, seen, erased_at) WHERE s.contact_id = u.contact_id"
)


@dataclass(slots=True)
class Stream:
    """One contact's standing in this service."""

    contact_id: UUID
    sent: int
    seen: dict[str, int]
    erased_at: datetime | None
    wrapped_key: bytes | None
    changed: bool = False

    def last_seen(self, producer: str) -> int:
        """The sequence number of ``producer``'s last event that was applied; 0 before the first."""
        return self.seen.get(producer, 0)

    def advance(self, producer: str, sequence: int) -> None:
        """Notes that ``producer``'s event ``sequence`` has been dealt with."""
        self.seen[producer] = sequence
        self.changed = True

    def next_sequence(self) -> int:
        """Takes our next sequence number for this contact."""
        self.sent += 1
        self.changed = True
        return self.sent

    def erase(self, at: datetime) -> None:
        """Leaves the tombstone: whatever comes later about this contact is swallowed."""
        self.erased_at = at
        self.changed = True


async def lock_streams(connection: AsyncConnection, contact_ids: Sequence[UUID]) -> dict[UUID, Stream]:
    """Locks the contacts' rows in contact_id order (so that two of us never wait for each other) and reads them."""
    ids = sorted(set(contact_ids))
    rows = (await connection.execute(_LOCK, {"ids": ids})).all()
    if len(rows) < len(ids):
        await connection.execute(_MAKE, {"ids": ids})
        rows = (await connection.execute(_LOCK, {"ids": ids})).all()
    return {row.contact_id: stream_from(row) for row in rows}


def stream_from(row: Any) -> Stream:
    """A contact's standing from a row that a statement has locked and read."""
    seen = row.seen if isinstance(row.seen, dict) else json.loads(row.seen)
    return Stream(row.contact_id, row.sent, dict(seen), row.erased_at, row.wrapped)


async def save_streams(connection: AsyncConnection, streams: Sequence[Stream]) -> None:
    """Writes the changed rows in one statement."""
    changed = [stream for stream in streams if stream.changed]
    if not changed:
        return
    await connection.execute(
        _SAVE,
        {
            "ids": [stream.contact_id for stream in changed],
            "sent": [stream.sent for stream in changed],
            "seen": [json.dumps(stream.seen) for stream in changed],
            "erased": [stream.erased_at for stream in changed],
        },
    )
