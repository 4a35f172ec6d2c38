"""What we say of gathering: checks asked and answered, questions to the referrer, whose a contact is. Codes only."""

from __future__ import annotations

from services.triage.domain.model import Assignment, Case, Check, CheckAnswer, InformationRequest
from shared.contracts.triage import CheckAnswered, ChecksRequested, ContactAssigned, InformationRequested

from .translation import contact_kept


def asked(case: Case, check: Check) -> ChecksRequested:
    """An agency is asked."""
    return ChecksRequested(
        contact=contact_kept(case),
        check_id=check.id,
        agency=check.agency,
        requested_at=check.requested_at,
        rating=check.rating,
        subject_ids=check.subject_ids,
    )


def answered(case: Case, check: Check, answer: CheckAnswer) -> CheckAnswered:
    """The answer that settles a check."""
    return CheckAnswered(
        contact=contact_kept(case),
        check_id=check.id,
        agency=check.agency,
        answered_at=answer.answered_at,
        answer=answer.answer.value,
    )


def requested(case: Case, request: InformationRequest) -> InformationRequested:
    """The referrer is asked for more."""
    return InformationRequested(
        contact=contact_kept(case),
        request_id=request.id,
        requested_at=request.requested_at,
        question_codes=request.question_codes,
    )


def assigned(case: Case, assignment: Assignment) -> ContactAssigned:
    """Whose it is: the team's code, never who."""
    return ContactAssigned(
        contact=contact_kept(case),
        assignment_id=assignment.id,
        assigned_at=assignment.assigned_at,
        team=assignment.team,
        to_worker=assignment.worker is not None,
        hand_over=assignment.hand_over.value if assignment.hand_over else None,
    )
