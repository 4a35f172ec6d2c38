"""What a case is gathered with (assignments, checks, questions to the referrer) as database rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from services.triage.domain.model import (
    Answer,
    Assignment,
    Case,
    Chase,
    Check,
    CheckAnswer,
    HandOver,
    InformationRequest,
)

from .rows import lists, values

_ASSIGNMENT = ("id", "team", "worker", "assigned_at", "assigned_by")
_CHECK = ("id", "agency", "rating", "requested_at", "requested_by", "due_at")
_ANSWER = ("id", "answered_at", "recorded_by", "recorded_at")
_CHASE = ("id", "chased_at", "how", "recorded_by", "recorded_at")
_REQUEST = ("id", "requested_at", "requested_by", "answered_at")


def assignment_rows(case: Case) -> Iterator[dict[str, Any]]:
    """New rows of ``assignments``."""
    for number, one in enumerate(case.assignments[case.kept_assignments :], start=case.kept_assignments + 1):
        yield {
            "contact_id": case.contact_id,
            "number": number,
            **values(one, _ASSIGNMENT),
            "hand_over": one.hand_over.value if one.hand_over else None,
            "words": one.words,
        }


def assignment_from(row: Any) -> Assignment:
    """The assignment that assignment_rows wrote."""
    return Assignment(
        **values(row, _ASSIGNMENT),
        hand_over=HandOver(row.hand_over) if row.hand_over else None,
        words=bytes(row.words) if row.words is not None else None,
    )


def check_row(contact_id: UUID, check: Check) -> dict[str, Any]:
    """The row of ``checks``."""
    return {
        "contact_id": contact_id,
        **values(check, (*_CHECK, "subject_ids", "words")),
        "answered_at": check.answers[0].answered_at if check.answers else None,
    }


def answer_rows(contact_id: UUID, checks: Iterable[Check]) -> Iterator[dict[str, Any]]:
    """New rows of ``check_answers``."""
    for check in checks:
        for number, one in enumerate(check.answers[check.kept_answers :], start=check.kept_answers + 1):
            own = {**values(one, (*_ANSWER, "words")), "answer": one.answer.value}
            yield {"contact_id": contact_id, "check_id": check.id, "number": number, **own}


def chase_rows(contact_id: UUID, checks: Iterable[Check]) -> Iterator[dict[str, Any]]:
    """New rows of ``check_chases``."""
    for check in checks:
        for number, one in enumerate(check.chases[check.kept_chases :], start=check.kept_chases + 1):
            yield {"contact_id": contact_id, "check_id": check.id, "number": number, **values(one, _CHASE)}


def check_from(row: Any, answers: Iterable[Any], chases: Iterable[Any]) -> Check:
    """The check that check_row wrote, with its answers and chases."""
    answered = [
        CheckAnswer(**values(one, _ANSWER), answer=Answer(one.answer), words=bytes(one.words)) for one in answers
    ]
    chased = [Chase(**values(one, _CHASE)) for one in chases]
    return Check(
        **values(row, _CHECK),
        **lists(row, ("subject_ids",)),
        words=bytes(row.words),
        answers=answered,
        chases=chased,
        kept_answers=len(answered),
        kept_chases=len(chased),
        changed=False,
    )


def request_row(contact_id: UUID, request: InformationRequest) -> dict[str, Any]:
    """The row of ``information_requests``."""
    return {"contact_id": contact_id, **values(request, (*_REQUEST, "question_codes"))}


def request_from(row: Any) -> InformationRequest:
    """The request that request_row wrote."""
    return InformationRequest(**values(row, _REQUEST), **lists(row, ("question_codes",)), changed=False)
