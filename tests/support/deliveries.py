"""Events as a bus delivers them, for tests that feed an applier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

from shared.contracts.envelope import Event, EventData, headers_of
from shared.contracts.topics import TOPIC_OF
from shared.messaging.bus import Delivered, Record

_offsets = count()
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def event_of(data: EventData, *, contact_id: UUID, sequence: int, at: datetime = NOON) -> Event[EventData]:
    """An event with an id of its own."""
    event_id = uuid4()
    return Event(
        id=event_id,
        producer=type(data).producer,
        contact_id=contact_id,
        sequence=sequence,
        time=at,
        correlation_id=uuid4(),
        causation_id=event_id,
        traceparent=None,
        data=data,
    )


def delivered(event: Event[EventData], *, value: bytes | None = None) -> Delivered:
    """The record a bus would deliver; ``value`` replaces its data, to break it."""
    record = Record(
        topic=TOPIC_OF[event.producer],
        key=str(event.contact_id),
        value=value if value is not None else event.data.model_dump_json().encode(),
        headers=headers_of(event),
    )
    return Delivered(record=record, partition=0, offset=next(_offsets))


def with_headers(one: Delivered, **changed: str) -> Delivered:
    """The same delivery with some headers replaced."""
    headers = tuple((name, changed[name].encode() if name in changed else value) for name, value in one.record.headers)
    return replace(one, record=replace(one.record, headers=headers))
