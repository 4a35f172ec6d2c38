"""Parking: an event that cannot be applied now is set aside, never lost; later ones of the same contact wait behind it.

States: ``failed`` (its handler refused it, or it cannot be read), ``waiting`` (an earlier one is missing or failed),
``replay`` (a person asked for another try); settled as ``replayed``, ``dropped`` or ``superseded``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.envelope import LAST_SEQUENCE, Cause, Event, EventData, UnreadableEvent, read_event
from shared.contracts.topics import EVENTS

from .bus import Delivered, Record
from .outbox import headers_from, headers_json, storable

KEEP_DAYS = 45
MOST_FAILED = 20
"""More failures than this in ten minutes are a bad release, not bad messages: stop, and do not drain the topic."""

_PARK = text(
    'INSERT INTO parked (id, event_id, contact_id, producer, sequence, topic, partition, "offset", key, headers, value,'
    " reason, state) VALUES (:id, :event_id, :contact_id, :producer, :sequence, :topic, :partition, :offset, :key,"
    " CAST(:headers AS jsonb), :value, :reason, :state) ON CONFLICT (id) DO NOTHING RETURNING id"
)
_COPY = text(
    "INSERT INTO outbox (event_id, topic, key, headers, value)"
    " VALUES (:id, :copy_to, :key, CAST(:headers AS jsonb), :value)"
)
_FAILING = text("SELECT count(*) FROM parked WHERE state = 'failed' AND parked_at > now() - interval '10 minutes'")
_UNSETTLED = text(
    "SELECT DISTINCT contact_id, producer FROM parked"
    " WHERE settled_at IS NULL AND contact_id = ANY(CAST(:ids AS uuid[]))"
)
_FOLLOWS = (
    "p.settled_at IS NULL AND p.state IN ('waiting', 'replay')"
    " AND p.sequence = coalesce((s.seen ->> p.producer)::int, 0) + 1"
)
_NEXT = text(
    "SELECT p.* FROM parked p JOIN contact_stream s USING (contact_id)"
    f" WHERE p.contact_id = :contact_id AND p.producer = :producer AND {_FOLLOWS} LIMIT 1"
)
_READY = text(
    f"SELECT p.contact_id, p.producer FROM parked p JOIN contact_stream s USING (contact_id) WHERE {_FOLLOWS} LIMIT 100"
)
_SETTLE = text(
    "UPDATE parked SET state = :state, settled_at = now(), attempts = attempts + 1"
    " WHERE id = :id AND settled_at IS NULL"
)
_SUPERSEDE = text(
    "UPDATE parked SET state = 'superseded', settled_at = now()"
    " WHERE contact_id = :contact_id AND producer = :producer AND sequence <= :sequence AND settled_at IS NULL"
)
_FAILED_AGAIN = text(
    "UPDATE parked SET state = 'failed', reason = :reason, attempts = attempts + 1"
    " WHERE id = :id AND settled_at IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """What is known of an event that is being parked; ``event`` is None where it cannot even be read."""

    id: UUID
    contact_id: UUID
    producer: str
    time: datetime
    reason: str
    cause: Cause
    event: Event[EventData] | None


def describe(delivered: Delivered, reason: str, *, now: datetime) -> ParkedEvent | None:
    """What can be made of a record that failed; None where not even its contact is known.

    Raises nothing: this is the last resort.
    """
    event = _read(delivered.record)
    if event is not None:
        return ParkedEvent(
            id=event.id,
            contact_id=event.contact_id,
            producer=event.producer,
            time=event.time,
            reason=reason,
            cause=Cause.of(event),
            event=event,
        )
    try:
        contact_id = UUID(delivered.record.key)
    except ValueError:
        return None
    # The same record always gives the same id, so that parking it twice is parking it once.
    own = uuid5(contact_id, f"{delivered.record.topic}|{delivered.partition}|{delivered.offset}")
    headers = dict(delivered.record.headers)
    return ParkedEvent(
        id=_uuid(headers, "ce_id", own),
        contact_id=contact_id,
        producer=storable(headers.get("ce_source", b"").decode("utf-8", "replace").rpartition("/")[2]),
        time=_moment(headers, now),
        reason=reason,
        cause=Cause(id=own, correlation_id=_uuid(headers, "ce_correlationid", own)),
        event=None,
    )


def without_data(about: ParkedEvent) -> ParkedEvent:
    """The same, without the event's data: for when the data itself is what cannot be dealt with."""
    return replace(about, event=None)


def _read(record: Record) -> Event[EventData] | None:
    try:
        return read_event(record.headers, record.value, EVENTS)
    except UnreadableEvent:
        return None


def _uuid(headers: dict[str, bytes], name: str, otherwise: UUID) -> UUID:
    try:
        return UUID(headers[name].decode())
    except (KeyError, ValueError):
        return otherwise


def _moment(headers: dict[str, bytes], otherwise: datetime) -> datetime:
    try:
        said = datetime.fromisoformat(headers["ce_time"].decode())
        return said.astimezone(UTC) if said.tzinfo else otherwise
    except (KeyError, ValueError, OverflowError):
        return otherwise


def _sequence(record: Record) -> int | None:
    try:
        number = int(dict(record.headers)["ce_sequence"])
    except (KeyError, ValueError):
        return None
    return number if 1 <= number <= LAST_SEQUENCE else None


async def park(
    connection: AsyncConnection,
    delivered: Delivered,
    about: ParkedEvent | None,
    *,
    reason: str,
    state: str,
    service: str,
) -> None:
    """Sets a record aside; a failed one is also copied to the service's dead-letter topic."""
    record = delivered.record
    own = about.id if about else uuid5(UUID(int=0), f"{record.topic}|{delivered.partition}|{delivered.offset}")
    row = {
        "id": own,
        "event_id": about.id if about else None,
        "contact_id": about.contact_id if about else None,
        "producer": about.producer if about else None,
        "sequence": _sequence(record),
        "topic": record.topic,
        "partition": delivered.partition,
        "offset": delivered.offset,
        "key": storable(record.key),
        "headers": headers_json(record.headers),
        "value": record.value,
        "reason": reason,
        "state": state,
    }
    parked = (await connection.execute(_PARK, row)).scalar_one_or_none()
    if parked is not None and state == "failed":
        await connection.execute(_COPY, row | {"copy_to": f"mash.{service}.dead-letters.v1"})


async def too_many_failed(connection: AsyncConnection) -> bool:
    """True where so many have just failed that the fault must be ours."""
    return (await connection.execute(_FAILING)).scalar_one() >= MOST_FAILED


async def contacts_with_parked(connection: AsyncConnection, contact_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Those (contact, producer) pairs among the contacts that have unsettled parked events."""
    rows = await connection.execute(_UNSETTLED, {"ids": sorted(set(contact_ids))})
    return {(row.contact_id, row.producer) for row in rows}


async def ready_to_release(connection: AsyncConnection) -> Sequence[tuple[UUID, str]]:
    """Contacts and producers whose next parked event could be applied now."""
    rows = await connection.execute(_READY)
    return list({(row.contact_id, row.producer) for row in rows})


async def next_released(connection: AsyncConnection, contact_id: UUID, producer: str) -> tuple[UUID, Delivered] | None:
    """The parked event that follows directly on what was last applied, if it may be tried: (row id, record).

    Only the answer under the contact's lock holds: another worker may be releasing the same.
    """
    row: Any = (await connection.execute(_NEXT, {"contact_id": contact_id, "producer": producer})).one_or_none()
    if row is None:
        return None
    record = Record(row.topic, row.key, bytes(row.value), headers_from(row.headers))
    return row.id, Delivered(record, row.partition, row.offset)


async def settle(connection: AsyncConnection, row_id: UUID, state: str) -> None:
    """Closes one parked event as ``replayed`` or ``dropped``."""
    await connection.execute(_SETTLE, {"id": row_id, "state": state})


async def supersede(connection: AsyncConnection, contact_id: UUID, producer: str, sequence: int) -> None:
    """Closes what a restatement has made unnecessary: everything up to its sequence number."""
    await connection.execute(_SUPERSEDE, {"contact_id": contact_id, "producer": producer, "sequence": sequence})


async def failed_again(connection: AsyncConnection, row_id: UUID, reason: str) -> None:
    """Notes that another try has failed."""
    await connection.execute(_FAILED_AGAIN, {"id": row_id, "reason": reason})
