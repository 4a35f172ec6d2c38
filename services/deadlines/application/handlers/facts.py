"""What triage's and notify's events say, in the words that the pack's table of clocks may ask about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from services.deadlines.domain.model.contact import Receipt
from services.deadlines.domain.model.occurrence import (
    ASSIGNED,
    DECIDED,
    MADE_ELSEWHERE,
    PARKED,
    RATED,
    REOPENED,
    Occurrence,
    occurrence,
)
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed
from shared.contracts.parts import ContactKept
from shared.contracts.triage import (
    CaseRestated,
    ChallengeAnswered,
    CheckAnswered,
    ChecksRequested,
    ContactAssigned,
    ContactClosed,
    ContactOpened,
    ContactRated,
    ContactReopened,
    DecisionMade,
    DiscussionHeld,
    MilestoneRecorded,
    SubjectRated,
)

BY_PERSON = "person"
"""ContactRated.cause where a member of staff has set the rating."""


def receipt_of(kept: ContactKept, *, by_owner: bool) -> Receipt:
    """The receipt as an event carries it; ``by_owner`` where intake itself says so."""
    return Receipt(
        reference=kept.reference,
        received_at=kept.received_at,
        accepted_at=kept.accepted_at,
        referrer_kind=kept.referrer.kind.value,
        has_address=kept.referrer.has_address,
        organisation_id=kept.referrer.organisation_id,
        by_owner=by_owner,
    )


def rated(contact_id: UUID, said: ContactRated | CaseRestated, at: datetime) -> Iterator[Occurrence]:
    """One for each subject: its own rating and every route whose clocks run."""
    for subject in _rated_subjects(said):
        yield occurrence(
            contact_id,
            RATED,
            subject_id=subject.subject_id,
            version=said.rating_version,
            occurred_at=at,
            attributes={
                "rating": subject.rating,
                "route": frozenset(subject.routes or (subject.route,)),
                "pages": said.pages,
                "referrer_kind": said.contact.referrer.kind.value,
                "proposed_outcome": subject.proposed_outcome,
                "by_person": isinstance(said, ContactRated) and said.cause == BY_PERSON,
            },
        )


def _rated_subjects(said: ContactRated | CaseRestated) -> tuple[SubjectRated, ...]:
    if isinstance(said, ContactRated):
        return said.subjects
    return tuple(standing.rated for standing in said.subjects)


def opened(contact_id: UUID, at: datetime) -> Occurrence:
    """Somebody is looking."""
    return occurrence(contact_id, ContactOpened.__name__, occurred_at=at)


def held(contact_id: UUID, said: DiscussionHeld) -> Iterator[Occurrence]:
    """One for each subject it was about, with every party that took part."""
    for subject_id in said.subject_ids:
        yield occurrence(
            contact_id,
            DiscussionHeld.__name__,
            subject_id=subject_id,
            key=str(said.discussion_id),
            occurred_at=said.held_at,
            attributes={"discussion": said.kind, "attended": frozenset(said.attended)},
        )


def decided(contact_id: UUID, said: DecisionMade) -> Occurrence:
    """A subject's outcome; ``all_decided`` where it was the last one. A revised one is a later version of the same.

    ``made_elsewhere``: on the contact that this one is a duplicate of.
    """
    return occurrence(
        contact_id,
        DECIDED,
        subject_id=said.subject.subject_id,
        version=said.decision_version,
        occurred_at=said.decided_at,
        attributes={
            "outcome": said.outcome,
            "all_decided": said.undecided == 0,
            MADE_ELSEWHERE: said.made_on is not None,
        },
    )


def reached(contact_id: UUID, said: MilestoneRecorded) -> Occurrence:
    """A milestone after hand-over, or one that a clock of the front door waits for."""
    return occurrence(
        contact_id,
        MilestoneRecorded.__name__,
        subject_id=said.subject_id,
        key=f"{said.code}|{said.occurred_at.isoformat()}",
        occurred_at=said.occurred_at,
        attributes={"milestone": said.code},
    )


def closed(contact_id: UUID, at: datetime, reason_code: str) -> Occurrence:
    """The front door's work ended."""
    name = ContactClosed.__name__
    return occurrence(contact_id, name, key=at.isoformat(), occurred_at=at, attributes={"reason": reason_code})


def reopened(contact_id: UUID, said: ContactReopened) -> Occurrence:
    """What was closed is with staff again."""
    at = said.reopened_at
    return occurrence(contact_id, REOPENED, key=at.isoformat(), occurred_at=at, attributes={"reason": said.reason_code})


def assigned(contact_id: UUID, said: ContactAssigned) -> Occurrence:
    """Whose the contact is."""
    return occurrence(
        contact_id,
        ASSIGNED,
        key=str(said.assignment_id),
        occurred_at=said.assigned_at,
        attributes={"team": said.team, "hand_over": said.hand_over},
    )


def asked(contact_id: UUID, said: ChecksRequested) -> Occurrence:
    """An agency was asked what it knows."""
    return occurrence(
        contact_id,
        ChecksRequested.__name__,
        item_id=said.check_id,
        occurred_at=said.requested_at,
        attributes={"rating": said.rating, "agency": said.agency},
    )


def answered(contact_id: UUID, said: CheckAnswered) -> Occurrence:
    """It has answered, or need not any more."""
    return occurrence(
        contact_id,
        CheckAnswered.__name__,
        item_id=said.check_id,
        occurred_at=said.answered_at,
        attributes={"answer": said.answer, "agency": said.agency},
    )


def challenge_answered(contact_id: UUID, said: ChallengeAnswered) -> Occurrence:
    """A manager has answered a challenge."""
    return occurrence(
        contact_id,
        ChallengeAnswered.__name__,
        item_id=said.challenge_id,
        occurred_at=said.answered_at,
        attributes={"result": said.result},
    )


def told(contact_id: UUID, said: ReferrerAcknowledged | ReferrerInformed) -> Occurrence:
    """The referrer has been sent our reference, or told of the decision, with proof."""
    attributes: dict[str, str | bool] = {"proof": said.delivery.proof.value}
    if isinstance(said, ReferrerInformed):
        attributes["complete"] = said.complete
    return occurrence(
        contact_id,
        type(said).__name__,
        key=str(said.delivery.message_id),
        occurred_at=said.delivery.at,
        attributes=attributes,
    )


def parked(contact_id: UUID, event_id: UUID, producer: str, at: datetime) -> Occurrence:
    """Something we could not read or apply: the strictest clocks run from its time."""
    return occurrence(contact_id, PARKED, key=str(event_id), occurred_at=at, attributes={"producer": producer})


def restated(contact_id: UUID, said: CaseRestated, at: datetime) -> Iterator[Occurrence]:
    """Everything a case's restatement says. What is known already stays as it was first told.

    A rating counts from when it was made, not from when it is told again ``at``: it may be older than the decision.
    """
    yield from rated(contact_id, said, said.rated_at or at)
    for discussion in said.discussions:
        yield from held(contact_id, discussion)
    yield from (decided(contact_id, one.decision) for one in said.subjects if one.decision is not None)
    yield from (reached(contact_id, milestone) for milestone in said.milestones)
    yield from (asked(contact_id, check.asked) for check in said.checks)
    yield from (answered(contact_id, check.answered) for check in said.checks if check.answered is not None)
    yield from (challenge_answered(contact_id, answer) for answer in said.challenges_answered)
    yield from _restated_stage(contact_id, said)


def _restated_stage(contact_id: UUID, said: CaseRestated) -> Iterator[Occurrence]:
    if said.opened_at is not None:
        yield opened(contact_id, said.opened_at)
    if said.assigned is not None:
        yield assigned(contact_id, said.assigned)
    if said.closed_at is not None:
        yield closed(contact_id, said.closed_at, "restated")
    if said.reopened is not None:
        yield reopened(contact_id, said.reopened)
