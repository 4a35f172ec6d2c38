"""Noting for an organisation's webhooks what happened to its contact: ids and words, never what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.notify.application.ports import Work
from services.notify.domain.model import Message
from services.notify.domain.model.webhook import EventType
from services.notify.domain.model.webhook_delivery import PartnerEvent, event_id
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, at a business time. ``key`` tells it from others of its kind and contact."""

    kind: EventType
    at: datetime
    key: str = ""
    about: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class About:
    """The contact it happened to, and the trace it belongs to."""

    contact_id: UUID
    reference: str
    correlation_id: UUID
    traceparent: str | None


def tell_partner(work: Work, entry: Entry, about: About, *, organisation: str | None) -> None:
    """Notes it, in the transaction of whatever made it happen. The contact is locked."""
    event = PartnerEvent(
        id=event_id(about.contact_id, entry.kind, entry.key),
        kind=entry.kind.value,
        occurred_at=entry.at,
        contact_id=about.contact_id,
        reference=about.reference,
        about=entry.about,
        correlation_id=about.correlation_id,
        traceparent=about.traceparent,
    )
    work.partner_events.note(event, organisation=organisation)


def tell_of_proof(work: Work, message: Message, said: object) -> None:
    """What we say ourselves: the referrer was acknowledged, or told of the decision."""
    if not isinstance(said, ReferrerAcknowledged | ReferrerInformed):
        return
    told = isinstance(said, ReferrerInformed)
    kind, key = (EventType.INFORMED, str(message.id)) if told else (EventType.ACKNOWLEDGED, "")
    about = About(message.contact_id, said.reference, message.correlation_id, message.traceparent)
    tell_partner(work, Entry(kind, said.delivery.at, key), about, organisation=None)
