"""What partners and staff ask intake to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.intake.application.ports import IntakeWork
from services.intake.domain.model.contact import ContactTold, Subject, Told
from services.intake.domain.model.reference import reference_for
from services.intake.domain.model.times import AgeSpoken, age_at, first_attempt_counts, received_at
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactErased, ContactReceived, SubjectTold
from shared.contracts.parts import Age, AgeUnit, ContactKept, Referrer, ReferrerKind, SubjectKind
from shared.security.encryption import BlindIndex, child_id_from


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
) -> Received:
    """Works out what is stored and said of a contact at ``accepted_at`` (business time)."""
    told = _credible(told, accepted_at)
    start = received_at(
        accepted_at=accepted_at,
        first_attempted_at=told.first_attempted_at,
        followed_received_at=followed.received_at if followed else None,
    )
    parts = zip(told.subjects, random_child_ids, strict=True)
    child_ids = tuple(_child_id(subject, random_part, index) for subject, random_part in parts)
    data = _announcement(
        told,
        child_ids,
        contact_id=contact_id,
        organisation=organisation,
        accepted_at=accepted_at,
        start=start,
        followed=followed,
    )
    return Received(
        contact_id=contact_id,
        reference=data.contact.reference,
        organisation=organisation,
        received_at=start,
        accepted_at=accepted_at,
        told=told,
        child_ids=child_ids,
        event=_first_event(data, contact_id=contact_id, cause=cause, at=accepted_at),
        first_attempt_ignored=_ignored(told.first_attempted_at, accepted_at),
    )


def _credible(told: ContactTold, accepted_at: datetime) -> ContactTold:
    """The contact without an incident that has not happened yet: a slip of the pen would make children older, and with
    that their ratings lower. It is set aside with a warning, and a person looks.
    """
    if told.incident_at is None or told.incident_at <= accepted_at:
        return told
    first, *others = told.subjects
    unrecognised = {**first.unrecognised, "incident_at": 1}
    warning = Told(
        pointer="/incident_at", code="in_the_future", detail="Not yet; kept as sent, ages are those of today."
    )
    return replace(
        told,
        incident_at=None,
        subjects=(replace(first, unrecognised=unrecognised), *others),
        warnings=(*told.warnings, warning),
    )


def _ignored(first_attempted_at: datetime | None, accepted_at: datetime) -> bool:
    return first_attempted_at is not None and not first_attempt_counts(first_attempted_at, accepted_at=accepted_at)


def _announcement(
    told: ContactTold,
    child_ids: Sequence[str | None],
    *,
    contact_id: UUID,
    organisation: str | None,
    accepted_at: datetime,
    start: datetime,
    followed: Followed | None,
) -> ContactReceived:
    return ContactReceived(
        contact=ContactKept(
            reference=reference_for(contact_id),
            received_at=start,
            accepted_at=accepted_at,
            referrer=Referrer(
                kind=ReferrerKind(told.referrer.kind),
                source_code=told.referrer.source_code,
                organisation_id=organisation,
                has_address=told.referrer.has_address,
            ),
        ),
        incident_at=told.incident_at,
        channel=told.channel,
        sender_grade=told.sender_grade,
        subjects=tuple(
            _subject_told(subject, child_id, incident=(told.incident_at or start).date(), receipt=start.date())
            for subject, child_id in zip(told.subjects, child_ids, strict=True)
        ),
        follows=followed.contact_id if followed else None,
    )


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


def _child_id(subject: Subject, random_part: bytes, index: BlindIndex) -> str | None:
    """Stable across contacts where NHS number and birth date are both valid, else random: sameness is then for a person
    to say. Only children have one.
    """
    if subject.kind not in ("child", "unborn"):
        return None
    if subject.nhs_number and subject.birth_date:
        return index.child_id(subject.nhs_number, subject.birth_date)
    return child_id_from(random_part)


def _subject_told(subject: Subject, child_id: str | None, *, incident: date, receipt: date) -> SubjectTold:
    def age_on(day: date) -> Age:
        return _age(
            age_at(
                day,
                birth_date=subject.birth_date,
                expected_date=subject.expected_date,
                estimated_age_years=subject.estimated_age_years,
            )
        )

    return SubjectTold(
        subject_id=subject.subject_id,
        position=subject.position,
        kind=SubjectKind(subject.kind),
        child_id=child_id,
        age_at_incident=age_on(incident),
        age_at_receipt=age_on(receipt),
        facts=subject.facts,
        indicators=subject.indicators,
        unrecognised=subject.unrecognised,
        consent=subject.consent,
        open_case=subject.open_case,
    )


def _age(spoken: AgeSpoken) -> Age:
    return Age(unit=AgeUnit(spoken.unit), value=spoken.value, estimated=spoken.estimated)


async def erase_contact(work: IntakeWork, contact_id: UUID, *, reason_code: str, cause: Cause) -> None:
    """Forgets a locked contact here, and tells everybody to. What was said before stays said; nothing more follows."""
    await work.forget(contact_id)
    work.announce(ContactErased(reason_code=reason_code), contact_id=contact_id, cause=cause)
