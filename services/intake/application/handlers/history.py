"""What intake keeps of triage's words about subjects: the history of a later contact counts it."""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.application.ports import IntakeWork
from shared.contracts.envelope import Event
from shared.contracts.triage import (
    CaseRestated,
    ContactClosed,
    ContactRated,
    ContactReopened,
    DecisionMade,
    MilestoneRecorded,
    SubjectRated,
)

ASSESSED = "assessment_completed"
"""The milestone that local measure M6 counts from."""


def keep_rating(event: Event[ContactRated], work: IntakeWork) -> None:
    """Each subject's rating as it is now, and which linked duplicates it has taken in."""
    _keep_ratings(event, event.data.subjects, work)
    work.outcomes.took_in(event.contact_id, event.data.links, event.data.link_versions)


def keep_decision(event: Event[DecisionMade], work: IntakeWork) -> None:
    """The decision in force; a revised one stands in its place."""
    made = event.data
    work.outcomes.decided(
        event.contact_id,
        made.subject.subject_id,
        made.outcome,
        referral=made.counts_as_referral and made.made_on is None,  # the primary's counts, not its copy
        at=made.decided_at,
    )


async def keep_milestone(event: Event[MilestoneRecorded], work: IntakeWork) -> None:
    """Only the assessment's end counts for anything later."""
    if event.data.code == ASSESSED:
        work.outcomes.assessed(event.contact_id, event.data.subject_id, event.data.occurred_at)


def keep_closure(event: Event[ContactClosed], work: IntakeWork) -> None:
    """When the contact was closed, and why."""
    work.outcomes.closed(event.contact_id, event.data.closed_at, event.data.reason_code)


def keep_reopening(event: Event[ContactReopened], work: IntakeWork) -> None:
    """It is not closed any more."""
    work.outcomes.closed(event.contact_id, None, None)


def keep_restatement(event: Event[CaseRestated], work: IntakeWork) -> None:
    """All of it, as it stands."""
    data = event.data
    _keep_ratings(event, (standing.rated for standing in data.subjects), work)
    for made in (standing.decision for standing in data.subjects if standing.decision is not None):
        work.outcomes.decided(
            event.contact_id,
            made.subject.subject_id,
            made.outcome,
            referral=made.counts_as_referral and made.made_on is None,  # the primary's counts, not its copy
            at=made.decided_at,
        )
    for milestone in data.milestones:
        if milestone.code == ASSESSED:
            work.outcomes.assessed(event.contact_id, milestone.subject_id, milestone.occurred_at)
    work.outcomes.closed(event.contact_id, data.closed_at, None)


def _keep_ratings(
    event: Event[ContactRated] | Event[CaseRestated], subjects: Iterable[SubjectRated], work: IntakeWork
) -> None:
    for rated in subjects:
        work.outcomes.rated(event.contact_id, rated.subject_id, rated.rating, rated.routes)
