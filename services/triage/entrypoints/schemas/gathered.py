"""Checks, questions to the referrer and assignments, as the API shows them to the staff of the hub."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict

from .parts import CodeView, View

_CONTACT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1a01"
_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"
_CHECK = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1e01"


class AskedAboutView(View):
    """A subject that a check is about, and why asking is necessary and proportionate."""

    subject_id: UUID
    why: str


class AnswerView(View):
    """One answer; the first settled the check, later ones amend it. ``why``: why sharing it was right."""

    answer_id: UUID
    answer: str
    answered_at: datetime
    what: str | None
    answered_by: str | None
    why: str | None
    amends: bool
    recorded_by: str
    recorded_at: datetime


class ChaseView(View):
    """One reminder."""

    chase_id: UUID
    chased_at: datetime
    how: str
    recorded_by: str
    recorded_at: datetime


class CheckView(View):
    """One agency, asked once. ``late_seconds``: how long after its due time it was answered, or it now is."""

    check_id: UUID
    agency: str
    subjects: list[AskedAboutView]
    asked: str
    consent_reason: str | None
    rating: str
    requested_at: datetime
    requested_by: str
    due_at: datetime | None
    open: bool
    late: bool
    late_seconds: float | None
    chased: int
    chases: list[ChaseView]
    answers: list[AnswerView]


class Checks(View):
    """Every check of a contact, in the order in which they were asked."""

    contact_id: UUID
    checks: list[CheckView]

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "contact_id": _CONTACT,
                    "checks": [
                        {
                            "check_id": _CHECK,
                            "agency": "health",
                            "subjects": [{"subject_id": _SUBJECT, "why": "Whether the injury is known to the GP."}],
                            "asked": "Attendances of the last six months.",
                            "consent_reason": None,
                            "rating": "red",
                            "requested_at": "2026-11-22T09:30:00Z",
                            "requested_by": "ann",
                            "due_at": "2026-11-22T11:30:00Z",
                            "open": True,
                            "late": False,
                            "late_seconds": None,
                            "chased": 0,
                            "chases": [],
                            "answers": [],
                        }
                    ],
                }
            ]
        },
    )


class RequestView(View):
    """Questions that the referrer was sent; open until the answer comes."""

    request_id: UUID
    questions: list[CodeView]
    requested_at: datetime
    requested_by: str
    answered_at: datetime | None
    open: bool


class AssignmentView(View):
    """Whose a contact became, and what was said at it."""

    assignment_id: UUID
    team: str
    worker: str | None
    hand_over: str | None
    assigned_at: datetime
    assigned_by: str
    note: str | None
    reason: str | None
    outstanding: str | None
