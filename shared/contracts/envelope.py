"""The envelope of every event: CloudEvents 1.0, Kafka binary mode.

The value is the event's data as JSON; everything else travels in headers. The key is the contact's id, so that one
contact's events from one producer stay in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Generic, Self, TypeVar
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

SEQUENCE_DIGITS = 20
LAST_SEQUENCE = 2**31 - 1
"""What the tables hold; at one event a second about one contact it would last 68 years."""
_PRODUCER = re.compile(r"/mash/([a-z]{1,40})", re.ASCII)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


def _in_utc(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_in_utc)]
"""A point in time, aware, in UTC."""


class OpenEnum(StrEnum):
    """An enumeration that readers meet: a value invented after they were released reads as ``OTHER``."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        members: Mapping[str, Self] = cls.__members__  # pyright: ignore[reportAssignmentType]
        return members.get("OTHER") if isinstance(value, str) else None


class Part(BaseModel):
    """A piece of an event's data. Closed when written; a reader asks pydantic to ignore what it does not know."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


class EventData(Part):
    """What an event says. The class name is the event's name; its fields are a contract that only grows."""

    producer: ClassVar[str]
    version: ClassVar[int] = 1
    restates: ClassVar[bool] = False
    """True for the full current state said anew: applied whatever sequence number was seen last."""

    @classmethod
    def ce_type(cls) -> str:
        """The CloudEvents type, for example ``uk.mash.intake.ContactReceived.v1``."""
        return f"uk.mash.{cls.producer}.{cls.__name__}.v{cls.version}"


class Unknown(EventData):
    """An event of a type that this reader does not know, because it is newer. It still advances the sequence."""

    producer: ClassVar[str] = "unknown"


D_co = TypeVar("D_co", bound=EventData, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Generic[D_co]):
    """One event as a handler sees it.

    ``time`` is the producer's business time; ``sequence`` counts this producer's events about this contact from 1.
    """

    id: UUID
    producer: str
    contact_id: UUID
    sequence: int
    time: datetime
    correlation_id: UUID
    causation_id: UUID
    traceparent: str | None
    data: D_co


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What made us say something: an incoming event, an idempotency row, or a fired clock.

    Ids of what is said follow from it, so that doing the same work again says the same ids.
    """

    id: UUID
    correlation_id: UUID
    traceparent: str | None = None

    @classmethod
    def of(cls, event: Event[EventData]) -> Cause:
        """The cause that ``event`` is for everything its handler says."""
        return cls(id=event.id, correlation_id=event.correlation_id, traceparent=event.traceparent)

    def event_id(self, data: EventData, discriminator: str) -> UUID:
        """The id of the event that says ``data``: the same for the same cause, type and discriminator."""
        return uuid5(self.id, f"{type(data).__name__}|{discriminator}")


class UnreadableEvent(ValueError):
    """A record that cannot be read as an event: ``reason`` is a code, never the content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def headers_of(event: Event[EventData]) -> tuple[tuple[str, bytes], ...]:
    """The record headers that carry ``event``'s envelope."""
    pairs: list[tuple[str, str]] = [
        ("ce_specversion", "1.0"),
        ("ce_id", str(event.id)),
        ("ce_source", f"/mash/{event.producer}"),
        ("ce_type", type(event.data).ce_type()),
        ("ce_time", event.time.astimezone(UTC).isoformat().replace("+00:00", "Z")),
        ("ce_subject", str(event.contact_id)),
        ("content-type", "application/json"),
        ("ce_sequence", str(event.sequence).zfill(SEQUENCE_DIGITS)),
        ("ce_correlationid", str(event.correlation_id)),
        ("ce_causationid", str(event.causation_id)),
    ]
    if event.traceparent:
        pairs.append(("ce_traceparent", event.traceparent))
    return tuple((name, value.encode()) for name, value in pairs)


def read_event(
    headers: Iterable[tuple[str, bytes]], value: bytes, known: Mapping[str, type[EventData]]
) -> Event[EventData]:
    """The event a record carries; its data is ``Unknown`` where the type is not in ``known``.

    Raises UnreadableEvent for a broken envelope or data that does not fit its contract.
    """
    try:
        text = {name: content.decode() for name, content in headers}
        kind = known.get(text["ce_type"])
        return Event(
            id=UUID(text["ce_id"]),
            producer=_producer(text["ce_source"]),
            contact_id=UUID(text["ce_subject"]),
            sequence=_sequence(text["ce_sequence"]),
            time=_moment(text["ce_time"]),
            correlation_id=UUID(text["ce_correlationid"]),
            causation_id=UUID(text["ce_causationid"]),
            traceparent=_traceparent(text.get("ce_traceparent", "")),
            data=Unknown() if kind is None else kind.model_validate_json(value, extra="ignore"),
        )
    except (KeyError, ValueError, OverflowError) as broken:
        # The exception's own text may quote the data: only its kind travels on.
        raise UnreadableEvent(f"unreadable:{type(broken).__name__}") from None


def _producer(source: str) -> str:
    found = _PRODUCER.fullmatch(source)
    if found is None:
        raise ValueError
    return found[1]


def _sequence(text: str) -> int:
    number = int(text)
    if not 1 <= number <= LAST_SEQUENCE:
        raise ValueError
    return number


def _moment(text: str) -> datetime:
    said = datetime.fromisoformat(text)
    if said.tzinfo is None:
        raise ValueError
    return said.astimezone(UTC)


def _traceparent(text: str) -> str | None:
    """A trace is worth less than the event: an odd one is left out."""
    return text if _TRACEPARENT.fullmatch(text) else None
