"""Contacts and what other services say about them, for triage's tests. Everything is synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4, uuid5

from shared.contracts.deadlines import Clock, DeadlineBreached, DeadlineCancelled, DeadlineMet, DeadlineSet
from shared.contracts.envelope import Event, EventData
from shared.contracts.intake import ContactErased, ContactReceived, ContactRestated, SubjectTold
from shared.contracts.notify import Delivery, DeliveryFailed, Proof, ReferrerAcknowledged, ReferrerInformed
from shared.contracts.parts import Age, AgeUnit, ContactKept, Referrer, ReferrerKind, SubjectKind
from tests.support.deliveries import NOON, event_of

_references = count(1)

RED: Mapping[str, str] = {"abuse_suspected": "yes"}
IMMEDIATE: Mapping[str, str] = {"immediate_danger": "yes"}
GREEN: Mapping[str, str] = {"parent_asks_for_help": "yes"}


def subject_id(contact_id: UUID, position: int = 1) -> UUID:
    """The id our builders give a contact's subject."""
    return uuid5(contact_id, f"subject {position}")


def told(
    contact_id: UUID,
    position: int = 1,
    *,
    kind: SubjectKind = SubjectKind.CHILD,
    age: Age | None = None,
    facts: Mapping[str, str | int] | None = None,
    indicators: Mapping[str, str] | None = None,
    unrecognised: Mapping[str, int] | None = None,
    consent: str = "given",
    open_case: str = "not_known",
) -> SubjectTold:
    """One subject; nothing is known of them but what is given here."""
    at_incident = age or Age(unit=AgeUnit.YEARS, value=8)
    return SubjectTold(
        subject_id=subject_id(contact_id, position),
        position=position,
        kind=kind,
        child_id=None,
        age_at_incident=at_incident,
        age_at_receipt=at_incident,
        facts=dict(facts or {}),
        indicators=dict(indicators or {}),
        unrecognised=dict(unrecognised or {}),
        consent=consent,
        open_case=open_case,
    )


def kept(
    *,
    kind: ReferrerKind = ReferrerKind.INVOLVED_PROFESSIONAL,
    has_address: bool = True,
    at: datetime = NOON,
    reference: str | None = None,
) -> ContactKept:
    """What every event about a contact repeats."""
    return ContactKept(
        reference=reference or f"MASH-26-{next(_references):05}",
        received_at=at,
        accepted_at=at,
        referrer=Referrer(kind=kind, source_code="2A", organisation_id="school-1", has_address=has_address),
    )


def received(
    contact_id: UUID,
    *subjects: SubjectTold,
    contact: ContactKept | None = None,
    sequence: int = 1,
    restated: bool = False,
) -> Event[EventData]:
    """Intake's announcement of a contact (or its restatement)."""
    kind = ContactRestated if restated else ContactReceived
    data = kind(
        contact=contact or kept(),
        incident_at=None,
        channel="api",
        sender_grade=None,
        subjects=subjects,
    )
    return event_of(data, contact_id=contact_id, sequence=sequence)


def erased(contact_id: UUID, *, sequence: int = 2) -> Event[EventData]:
    """Intake says that the contact is to be forgotten."""
    return event_of(ContactErased(reason_code="request"), contact_id=contact_id, sequence=sequence)


def clock(contact_id: UUID, kind: str, *, due_in_hours: float = 2) -> Clock:
    """One clock of a contact."""
    return Clock(
        deadline_id=uuid5(contact_id, kind),
        kind=kind,
        epoch=1,
        subject_id=None,
        rating=None,
        starts_at=NOON,
        due_at=NOON + timedelta(hours=due_in_hours),
        basis="elapsed",
    )


def clock_event(
    contact_id: UUID,
    what: type[DeadlineSet | DeadlineMet | DeadlineBreached | DeadlineCancelled],
    kind: str = "amber_decision",
    *,
    sequence: int,
    next_due_at: datetime | None = NOON + timedelta(hours=2),
    reference: str = "MASH-26-00001",
) -> Event[EventData]:
    """What deadlines says about one clock."""
    own: dict[type[EventData], dict[str, object]] = {
        DeadlineMet: {"met_at": NOON, "in_time": True},
        DeadlineBreached: {"breached_at": NOON, "late_seconds": 0.0},
        DeadlineCancelled: {"reason_code": "closed"},
    }
    values = {"reference": reference, "clock": clock(contact_id, kind), "next_due_at": next_due_at}
    return event_of(what.model_validate(values | own.get(what, {})), contact_id=contact_id, sequence=sequence)


def delivery(message_id: UUID | None = None) -> Delivery:
    """An accepted message."""
    return Delivery(message_id=message_id or uuid4(), channel="email", proof=Proof.ACCEPTED, at=NOON)


def acknowledged(
    contact_id: UUID, *, sequence: int, message_id: UUID | None = None, reference: str = "MASH-26-00001"
) -> Event[EventData]:
    """Notify has sent the referrer our reference."""
    data = ReferrerAcknowledged(reference=reference, delivery=delivery(message_id))
    return event_of(data, contact_id=contact_id, sequence=sequence)


def informed(
    contact_id: UUID, decisions: Mapping[UUID, int], *, sequence: int, reference: str = "MASH-26-00001"
) -> Event[EventData]:
    """Notify has told the referrer these decisions."""
    data = ReferrerInformed(
        reference=reference, delivery=delivery(), decisions=dict(decisions), complete=bool(decisions)
    )
    return event_of(data, contact_id=contact_id, sequence=sequence)


def undelivered(
    contact_id: UUID,
    *,
    sequence: int,
    message_id: UUID | None = None,
    purpose: str = "outcome-professional",
    reference: str = "MASH-26-00001",
) -> Event[EventData]:
    """Notify could not deliver a message."""
    data = DeliveryFailed(
        reference=reference,
        message_id=message_id or uuid4(),
        purpose=purpose,
        channel="email",
        reason_code="refused",
        attempts=5,
    )
    return event_of(data, contact_id=contact_id, sequence=sequence)
