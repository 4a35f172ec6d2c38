"""Receiving a contact: what is stored and said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain.model.contact import ContactTold, credible
from services.intake.domain.model.times import first_attempt_counts, received_at
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactReceived
from shared.contracts.parts import ContactKept
from shared.security.encryption import BlindIndex

from .speaking import child_id_of, contact_kept, subject_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A contact ready to be stored, and what it announces."""

    contact_id: UUID
    reference: str
    organisation: str | None
    received_at: datetime
    accepted_at: datetime
    told: ContactTold
    child_ids: tuple[str | None, ...]
    event: Event[ContactReceived]
    first_attempt_ignored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The caller's own earlier contact that a new one belongs to."""

    contact_id: UUID
    received_at: datetime


def receive_contact(
    told: ContactTold,
    *,
    contact_id: UUID,
    organisation: str | None,
    accepted_at: datetime,
    followed: Followed | None,
    random_child_ids: Sequence[bytes],
    index: BlindIndex,
    cause: Cause,
    first_try_seen_at: datetime | None = None,
) -> Received:
    """Works out what is stored and said of a contact at ``accepted_at`` (business time).

    ``first_try_seen_at`` is when we saw this very request fail before, where we did.
    """
    told = credible(told, accepted_at)
    start = received_at(
        accepted_at=accepted_at,
        first_attempts=(told.first_attempted_at, first_try_seen_at),
        followed_received_at=followed.received_at if followed else None,
    )
    parts = zip(told.subjects, random_child_ids, strict=True)
    child_ids = tuple(child_id_of(subject, index, else_=octets) for subject, octets in parts)
    contact = contact_kept(
        told, contact_id=contact_id, organisation=organisation, received_at=start, accepted_at=accepted_at
    )
    data = _announcement(told, contact, child_ids, follows=followed.contact_id if followed else None)
    return Received(
        contact_id=contact_id,
        reference=contact.reference,
        organisation=organisation,
        received_at=start,
        accepted_at=accepted_at,
        told=told,
        child_ids=child_ids,
        event=_first_event(data, contact_id=contact_id, cause=cause, at=accepted_at),
        first_attempt_ignored=_ignored(told.first_attempted_at, accepted_at),
    )


def _announcement(
    told: ContactTold, contact: ContactKept, child_ids: Sequence[str | None], *, follows: UUID | None
) -> ContactReceived:
    incident, receipt = told.incident_at or contact.received_at, contact.received_at
    return ContactReceived(
        contact=contact,
        incident_at=told.incident_at,
        channel=told.channel,
        sender_grade=told.sender_grade,
        subjects=tuple(
            subject_told(subject, child_id, incident=incident.date(), receipt=receipt.date())
            for subject, child_id in zip(told.subjects, child_ids, strict=True)
        ),
        follows=follows,
    )


def _ignored(first_attempted_at: datetime | None, accepted_at: datetime) -> bool:
    return first_attempted_at is not None and not first_attempt_counts(first_attempted_at, accepted_at=accepted_at)


def _first_event(data: ContactReceived, *, contact_id: UUID, cause: Cause, at: datetime) -> Event[ContactReceived]:
    return Event(
        id=cause.event_id(data, ""),
        producer="intake",
        contact_id=contact_id,
        sequence=1,
        time=at,
        correlation_id=cause.correlation_id,
        causation_id=cause.id,
        traceparent=cause.traceparent,
        data=data,
    )
