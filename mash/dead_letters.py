"""Events that a service has set aside: seen by codes and ids, never by their content; tried again, or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mash.refusal import Refused
from shared.contracts.topics import EVENTS
from shared.messaging.outbox import headers_from
from shared.messaging.parking import settle
from shared.messaging.streams import lock_streams, save_streams

_COLUMNS = (
    "p.id, p.event_id, p.contact_id, p.producer, p.sequence, p.topic, p.headers, p.reason, p.state, p.attempts,"
    " p.parked_at, p.settled_at, coalesce((s.seen ->> p.producer)::int, 0) AS last_applied"
    " FROM parked p LEFT JOIN contact_stream s USING (contact_id)"
)
_LIST = text(
    f"SELECT {_COLUMNS} WHERE p.settled_at IS NULL OR :settled_too"
    " ORDER BY p.parked_at, p.contact_id, p.producer, p.sequence LIMIT :most"
)
_ONE = text(f"SELECT {_COLUMNS} WHERE p.id = :id")
_ASK = text(
    "UPDATE parked SET state = 'replay' WHERE state = 'failed' AND settled_at IS NULL AND sequence IS NOT NULL"
    " AND contact_id IS NOT NULL AND (:all OR id = ANY(CAST(:ids AS uuid[]))) RETURNING id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One parked event. `type` is "unknown" unless it is one of ours: what cannot be read could say anything."""

    id: UUID
    event_id: UUID | None
    contact_id: UUID | None
    producer: str | None
    sequence: int | None
    last_applied: int
    topic: str
    type: str
    reason: str
    state: str
    attempts: int
    parked_at: datetime
    settled_at: datetime | None

    @property
    def is_next(self) -> bool:
        """Whether it follows directly on what was last applied of its contact and producer."""
        return self.sequence == self.last_applied + 1


async def list_letters(engine: AsyncEngine, *, settled_too: bool = False, most: int = 1000) -> list[DeadLetter]:
    """Return what is set aside, the longest first."""
    async with engine.connect() as connection:
        rows = await connection.execute(_LIST, {"settled_too": settled_too, "most": most})
        return [_letter(row) for row in rows]


async def read_letter(connection: AsyncConnection, letter_id: UUID) -> DeadLetter:
    """Return one.

    Raises:
        Refused: there is none of that id.
    """
    row = (await connection.execute(_ONE, {"id": letter_id})).one_or_none()
    if row is None:
        raise Refused(f"there is no dead letter {letter_id} here")
    return _letter(row)


async def ask_for_replay(engine: AsyncEngine, ids: Sequence[UUID] | None) -> list[UUID]:
    """Let the worker try failed ones again (None: all); return which. Those that cannot be read stay: drop them."""
    wanted = {"all": ids is None, "ids": list(ids or ())}
    async with engine.begin() as connection:
        return list((await connection.execute(_ASK, wanted)).scalars())


async def drop(engine: AsyncEngine, letter_id: UUID) -> DeadLetter:
    """Give one up for good, and let what waits behind it go on; the worker's sweep applies that within a second.

    What the service did because the event was set aside is its own worker's to take back (deadlines: the clocks).

    Raises:
        Refused: it is settled already, or an earlier one must be dealt with first (else it would leave a gap for ever).
    """
    async with engine.begin() as connection:
        found = await read_letter(connection, letter_id)
        if found.contact_id is not None:  # first the contact's lock, then the row: as the worker does
            streams = await lock_streams(connection, [found.contact_id])
            found = await read_letter(connection, letter_id)
            stream = streams[found.contact_id] if found.contact_id else None
            if stream is not None and found.sequence is not None and found.producer:
                if found.sequence > found.last_applied + 1:
                    raise Refused(_earlier_first(found))
                if found.is_next:
                    stream.advance(found.producer, found.sequence)
                    await save_streams(connection, [stream])
        if found.settled_at is not None:
            raise Refused(f"{letter_id} is settled already: {found.state}")
        await settle(connection, letter_id, "dropped")
    return found


def _earlier_first(found: DeadLetter) -> str:
    return (
        f"{found.producer}'s event {found.last_applied + 1} about this contact comes first:"
        f" replay or drop that, or fill the gap with `mash republish {found.producer} {found.contact_id}`"
    )


def _letter(row: Any) -> DeadLetter:
    said = dict(headers_from(row.headers)).get("ce_type", b"").decode("utf-8", "replace")
    return DeadLetter(
        id=row.id,
        event_id=row.event_id,
        contact_id=row.contact_id,
        producer=row.producer,
        sequence=row.sequence,
        last_applied=row.last_applied,
        topic=row.topic,
        type=said if said in EVENTS else "unknown",
        reason=row.reason,
        state=row.state,
        attempts=row.attempts,
        parked_at=row.parked_at,
        settled_at=row.settled_at,
    )
