"""Between the events' words and the domain's: what we were told, and what we say of a case."""

from __future__ import annotations

from services.triage.domain.model import Age, Case, Contact, Decision, Discussion, Milestone, Subject, ToldSubject
from shared.contracts.intake import ContactReceived, SubjectTold
from shared.contracts.parts import Age as AgeTold
from shared.contracts.parts import ContactKept, PolicyVersion, Referrer, ReferrerKind, SubjectKind, SubjectRef
from shared.contracts.triage import (
    ContactRated,
    DecisionMade,
    DiscussionHeld,
    MilestoneRecorded,
    SubjectRated,
)
from shared.policy.facts import Facts, age_facts, facts_from
from shared.policy.model import Pack


def contact_told(data: ContactReceived) -> Contact:
    """The contact as intake tells of it."""
    kept = data.contact
    return Contact(
        reference=kept.reference,
        received_at=kept.received_at,
        accepted_at=kept.accepted_at,
        referrer_kind=kept.referrer.kind.value,
        source_code=kept.referrer.source_code,
        organisation_id=kept.referrer.organisation_id,
        has_address=kept.referrer.has_address,
        incident_at=data.incident_at,
        channel=data.channel,
        sender_grade=data.sender_grade,
    )


def subjects_told(data: ContactReceived) -> tuple[ToldSubject, ...]:
    """The subjects as intake tells of them, with the facts that their rating rests on."""
    return tuple(
        ToldSubject(
            subject_id=subject.subject_id,
            position=subject.position,
            kind=subject.kind.value,
            child_id=subject.child_id,
            age=_age(subject.age_at_incident),
            facts=_facts(subject, data.contact.referrer.kind),
        )
        for subject in data.subjects
    )


def _facts(subject: SubjectTold, referrer_kind: ReferrerKind) -> Facts:
    """Never raises: what nobody recognises is counted, and asks for a person."""
    age = subject.age_at_incident
    return facts_from(
        {
            **subject.facts,
            "indicators": subject.indicators,
            "unrecognised": sum(subject.unrecognised.values()),
            "kind": subject.kind.value,
            "consent": subject.consent,
            "open_case": subject.open_case,
            "referrer_kind": referrer_kind.value,
            **age_facts(age.unit.value, age.value),
        }
    )


def _age(told: AgeTold) -> Age:
    return Age(told.unit.value, told.value, told.estimated)


def contact_kept(case: Case) -> ContactKept:
    """What every event about a case repeats. Raises ValueError for one of which nothing has been told yet."""
    contact = case.contact
    if contact is None:
        raise ValueError("nothing has been told of this contact yet")
    return ContactKept(
        reference=contact.reference,
        received_at=contact.received_at,
        accepted_at=contact.accepted_at,
        referrer=Referrer(
            kind=ReferrerKind(contact.referrer_kind),
            source_code=contact.source_code,
            organisation_id=contact.organisation_id,
            has_address=contact.has_address,
        ),
    )


def rated(case: Case, *, cause: str) -> ContactRated:
    """The newest version of a case's rating."""
    return ContactRated(
        contact=contact_kept(case),
        rating_version=case.rating_version,
        policy=policy_of(case),
        rating=case.rating or "",
        pages=case.pages,
        unrated=case.unrated,
        cause=cause,
        subjects=tuple(subject_rated(subject) for subject in case.subjects),
    )


def policy_of(case: Case) -> PolicyVersion:
    """The pack the case was last rated with."""
    pack_id, version, content_hash = case.policy or ("", "", "")
    return PolicyVersion(id=pack_id, version=version, hash=content_hash)


def subject_rated(subject: Subject) -> SubjectRated:
    """One subject's rating in force."""
    standing = subject.standing
    return SubjectRated(
        subject_id=subject.subject_id,
        position=subject.position,
        kind=SubjectKind(subject.kind),
        rating=standing.rating,
        route=standing.route,
        routes=standing.routes,
        level=standing.level,
        proposed_outcome=standing.outcome,
        flags=standing.flags,
        rules=standing.rules,
    )


def decided(case: Case, decision: Decision, pack: Pack, *, undecided: int) -> DecisionMade:
    """A decision that is in force."""
    subject = case.subject(decision.subject_id)
    return DecisionMade(
        contact=contact_kept(case),
        policy=policy_of(case),
        subject=SubjectRef(subject_id=subject.subject_id, position=subject.position, kind=SubjectKind(subject.kind)),
        decision_version=decision.version,
        outcome=decision.outcome,
        counts_as_referral=pack.outcomes[decision.outcome].counts_as_referral,
        level=decision.level,
        reason_codes=decision.reason_codes,
        service_codes=decision.service_codes,
        decided_at=decision.settled_at or decision.decided_at,
        undecided=undecided,
        unanswered_checks=decision.unanswered_checks,
    )


def held(case: Case, discussion: Discussion) -> DiscussionHeld:
    """A discussion that took place. Raises ValueError for one that has not."""
    if discussion.held_at is None:
        raise ValueError("this discussion has not been held")
    return DiscussionHeld(
        contact=contact_kept(case),
        discussion_id=discussion.id,
        kind=discussion.kind.value,
        held_at=discussion.held_at,
        attended=discussion.attended,
        subject_ids=discussion.subject_ids,
        decided_at=discussion.decided_at,
        result=discussion.result,
    )


def reached(case: Case, milestone: Milestone) -> MilestoneRecorded:
    """A milestone that was reached."""
    return MilestoneRecorded(
        contact=contact_kept(case),
        subject_id=milestone.subject_id,
        code=milestone.code,
        occurred_at=milestone.occurred_at,
    )
