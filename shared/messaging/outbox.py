"""The outbox: what is said leaves with the commit. A copy stays in the event log, from which it can be said again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.envelope import Event, EventData, headers_of
from shared.contracts.topics import TOPIC_OF

from .bus import Record

MAX_VALUE_BYTES = 512 * 1024
"""Half of what the broker refuses: an event that could never be published must fail where it is made. The largest
contact that intake accepts stays below it (tests/integration/intake/test_limits.py)."""

_QUEUE = (
    "INSERT INTO outbox (event_id, topic, key, headers, value)"
    " SELECT u.event_id, u.topic, u.contact_id::text, u.headers::jsonb, u.value FROM u ORDER BY u.at"
)
_ADD = text(
    "WITH u AS MATERIALIZED (SELECT * FROM unnest("
    "CAST(:events AS uuid[]), CAST(:contacts AS uuid[]), CAST(:sequences AS int[]),"
    " CAST(:topics AS text[]), CAST(:headers AS text[]), CAST(:values AS bytea[]))"
    " WITH ORDINALITY AS u(event_id, contact_id, sequence, topic, headers, value, at)),"
    " logged AS (INSERT INTO event_log (contact_id, sequence, event_id, topic, headers, value)"
    " SELECT contact_id, sequence, event_id, topic, headers::jsonb, value FROM u)"
    f" {_QUEUE}"
)
_REPUBLISH = text(
    "INSERT INTO outbox (event_id, topic, key, headers, value)"
    " SELECT event_id, topic, contact_id::text, headers, value FROM event_log"
    " WHERE contact_id = :contact_id AND sequence >= :first AND sequence <= :last ORDER BY sequence"
)
_NEXT = text("SELECT id, topic, key, headers, value FROM outbox ORDER BY id LIMIT :most")
_DONE = text("DELETE FROM outbox WHERE id = ANY(CAST(:ids AS bigint[]))")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row and the record it becomes."""

    id: int
    record: Record


def event_value(event: Event[EventData]) -> bytes:
    """The event's data as it travels. Raises ValueError where it is larger than any broker would take."""
    value = event.data.model_dump_json().encode()
    if len(value) > MAX_VALUE_BYTES:
        message = f"{type(event.data).__name__} has {len(value)} bytes; at most {MAX_VALUE_BYTES} can be published"
        raise ValueError(message)
    return value


def headers_json(headers: Sequence[tuple[str, bytes]]) -> str:
    """Record headers as the outbox and the parking table keep them."""
    written = json.dumps([[name, value.decode("utf-8", "replace")] for name, value in headers])
    if "\\u" not in written:  # plain ASCII, as nearly all are: nothing in it that PostgreSQL would not take
        return written
    return json.dumps([[storable(name), storable(value)] for name, value in json.loads(written)])


def storable(text: str) -> str:
    """The text as PostgreSQL can keep it: it takes neither a zero character nor half of one."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def headers_from(kept: object) -> tuple[tuple[str, bytes], ...]:
    """The record headers that headers_json wrote."""
    pairs = json.loads(kept) if isinstance(kept, str) else kept
    return tuple((name, value.encode()) for name, value in pairs)  # pyright: ignore[reportGeneralTypeIssues]


async def add_events(connection: AsyncConnection, events: Sequence[Event[EventData]]) -> None:
    """Queues ``events`` in their order, with their copies in the event log, in one statement."""
    if not events:
        return
    await connection.execute(
        _ADD,
        {
            "events": [event.id for event in events],
            "contacts": [event.contact_id for event in events],
            "sequences": [event.sequence for event in events],
            "topics": [TOPIC_OF[event.producer] for event in events],
            "headers": [headers_json(headers_of(event)) for event in events],
            "values": [event_value(event) for event in events],
        },
    )


async def republish(connection: AsyncConnection, contact_id: UUID, *, first: int = 1, last: int = 2**31 - 1) -> int:
    """Queues a contact's logged events again, same ids, from sequence ``first`` to ``last``; returns how many."""
    done = await connection.execute(_REPUBLISH, {"contact_id": contact_id, "first": first, "last": last})
    return done.rowcount


async def read_outbox(connection: AsyncConnection, *, most: int) -> list[Outgoing]:
    """The oldest ``most`` rows, in id order: per contact that is the order they were said in."""
    rows = (await connection.execute(_NEXT, {"most": most})).all()
    return [Outgoing(row.id, Record(row.topic, row.key, bytes(row.value), headers_from(row.headers))) for row in rows]


async def forget_published(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Deletes published rows. Only called after the bus has confirmed them."""
    await connection.execute(_DONE, {"ids": list(ids)})
