"""What is said of a contact and its subjects: codes, times and ages; never a name or a date of birth."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from services.intake.domain.model.contact import ContactTold, Subject
from services.intake.domain.model.reference import reference_for
from services.intake.domain.model.times import age_at
from shared.contracts.intake import SubjectTold
from shared.contracts.parts import Age, AgeUnit, ContactKept, Referrer, ReferrerKind, SubjectKind
from shared.security.encryption import BlindIndex, child_id_from


def contact_kept(
    told: ContactTold, *, contact_id: UUID, organisation: str | None, received_at: datetime, accepted_at: datetime
) -> ContactKept:
    """What every event about the contact repeats."""
    return ContactKept(
        reference=reference_for(contact_id),
        received_at=received_at,
        accepted_at=accepted_at,
        referrer=Referrer(
            kind=ReferrerKind(told.referrer.kind),
            source_code=told.referrer.source_code,
            organisation_id=organisation,
            has_address=told.referrer.has_address,
            has_mobile=told.referrer.has_mobile,
        ),
    )


def child_id_of(subject: Subject, index: BlindIndex, *, else_: bytes | str | None) -> str | None:
    """Stable across contacts where NHS number and birth date are both valid; else the id given before, or a random one
    from octets: sameness is then for a person to say. Only children have one.
    """
    if subject.kind not in ("child", "unborn"):
        return None
    if subject.nhs_number and subject.birth_date:
        return index.child_id(subject.nhs_number, subject.birth_date)
    return child_id_from(else_) if isinstance(else_, bytes) else else_


def subject_told(subject: Subject, child_id: str | None, *, incident: date, receipt: date) -> SubjectTold:
    """A subject as events carry it, with the ages of those two days."""
    return SubjectTold(
        subject_id=subject.subject_id,
        position=subject.position,
        kind=SubjectKind(subject.kind),
        child_id=child_id,
        age_at_incident=_age_on(incident, subject),
        age_at_receipt=_age_on(receipt, subject),
        facts=subject.facts,
        indicators=subject.indicators,
        unrecognised=subject.unrecognised,
        consent=subject.consent,
        open_case=subject.open_case,
    )


def _age_on(day: date, subject: Subject) -> Age:
    spoken = age_at(
        day,
        birth_date=subject.birth_date,
        expected_date=subject.expected_date,
        estimated_age_years=subject.estimated_age_years,
    )
    return Age(unit=AgeUnit(spoken.unit), value=spoken.value, estimated=spoken.estimated)
