"""What was told to the front door, from the events' words into the domain's."""

from __future__ import annotations

from dataclasses import replace

from services.triage.domain.model import Age, Contact, ToldSubject
from shared.contracts.intake import ContactReceived, SubjectTold
from shared.contracts.parts import Age as AgeTold
from shared.contracts.parts import ContactKept, ReferrerKind
from shared.policy.facts import Facts
from shared.policy.subject import subject_facts


def contact_told(data: ContactReceived) -> Contact:
    """The contact as intake tells of it."""
    contact = contact_of(data.contact)
    return replace(contact, incident_at=data.incident_at, channel=data.channel, sender_grade=data.sender_grade)


def contact_of(kept: ContactKept) -> Contact:
    """The contact as every event about it repeats it."""
    return Contact(
        reference=kept.reference,
        received_at=kept.received_at,
        accepted_at=kept.accepted_at,
        referrer_kind=kept.referrer.kind.value,
        source_code=kept.referrer.source_code,
        organisation_id=kept.referrer.organisation_id,
        has_address=kept.referrer.has_address,
    )


def subjects_told(data: ContactReceived) -> tuple[ToldSubject, ...]:
    """The subjects as intake tells of them, with the facts that their rating rests on."""
    return tuple(subject_told(subject, data.contact.referrer.kind) for subject in data.subjects)


def subject_told(subject: SubjectTold, referrer_kind: ReferrerKind) -> ToldSubject:
    """One subject as a referrer of this kind told of them."""
    return ToldSubject(
        subject_id=subject.subject_id,
        position=subject.position,
        kind=subject.kind.value,
        child_id=subject.child_id,
        age=_age(subject.age_at_incident),
        facts=_facts(subject, referrer_kind),
    )


def _facts(subject: SubjectTold, referrer_kind: ReferrerKind) -> Facts:
    age = subject.age_at_incident
    return subject_facts(
        subject.facts,
        indicators=subject.indicators,
        kind=subject.kind.value,
        age=(age.unit.value, age.value),
        consent=subject.consent,
        open_case=subject.open_case,
        referrer_kind=referrer_kind.value,
        unrecognised=sum(subject.unrecognised.values()),
    )


def _age(told: AgeTold) -> Age:
    return Age(told.unit.value, told.value, told.estimated)
