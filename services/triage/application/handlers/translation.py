"""Between the events' words and the domain's: what we were told, and what we say of a case."""

from __future__ import annotations

from datetime import datetime

from services.triage.domain.model import (
    Case,
    Challenge,
    Decision,
    Discussion,
    Milestone,
    Role,
    Subject,
)
from shared.contracts.parts import ContactKept, PolicyVersion, Referrer, ReferrerKind, SubjectKind, SubjectRef
from shared.contracts.triage import (
    ChallengeAnswered,
    ContactRated,
    ContactReopened,
    DecisionMade,
    DecisionRevised,
    DiscussionHeld,
    MilestoneRecorded,
    SubjectRated,
)
from shared.policy.model import Pack


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
        links=tuple(link.link_id for link in case.heard.link_as(Role.PRIMARY)),
        link_versions={link.link_id: link.version for link in case.heard.link_as(Role.PRIMARY)},
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
    """A decision that is in force; a DecisionRevised where it came in the place of another."""
    made = standing(case, decision, pack, undecided=undecided)
    if decision.revises is None:
        return made
    return DecisionRevised(**dict(made), revises_version=decision.revises)


def standing(case: Case, decision: Decision, pack: Pack, *, undecided: int) -> DecisionMade:
    """A decision that is in force, whether or not it came in the place of another."""
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
        made_on=decision.made_on,
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


def reopened(case: Case) -> ContactReopened | None:
    """That what was closed is with staff again; None where it never was closed."""
    if case.reopened is None:
        return None
    return ContactReopened(
        contact=contact_kept(case), reopened_at=case.reopened.at, reason_code=case.reopened.reason_code
    )


def challenge_answered(case: Case, challenge: Challenge, at: datetime) -> ChallengeAnswered:
    """The answer to a challenge: of what was written only the pack's codes."""
    return ChallengeAnswered(
        contact=contact_kept(case),
        challenge_id=challenge.id,
        answered_at=at,
        result=challenge.result or "",
        reason_codes=challenge.reason_codes,
    )
