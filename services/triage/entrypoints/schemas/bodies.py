"""Request bodies of staff writes: strict, nothing guessed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.web import Id, Moment, StrictBody

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)]
Words = Annotated[str, Field(pattern=r"\S", min_length=1, max_length=20_000)]
Short = Annotated[str, Field(pattern=r"\S", min_length=1, max_length=400)]

_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"
_DISCUSSION = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1d01"


class RatingBody(StrictBody):
    """A person sets the route of one subject; the rating follows from the route."""

    subject_id: Id
    route: Code
    reason: Words

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"subject_id": _SUBJECT, "route": "red-abuse", "reason": "A second injury, seen by school."}]
        }
    )


class DecisionBody(StrictBody):
    """How one subject's contact ends. What an outcome must carry is the policy pack's to say.

    ``team`` names in words where it goes; ``team_code`` is the team of the pack that has the open case. ``revises`` is
    the version in force that this one replaces, with the ``reason`` why.
    """

    subject_id: Id
    outcome: Code
    rationale: Words
    level: Annotated[int, Field(ge=1, le=9)] | None = None
    lead_code: Code | None = None
    lead: Short | None = None
    inquiry: Literal["single", "joint"] | None = None
    service_codes: Annotated[list[Code], Field(max_length=30, default_factory=list)]
    reason_codes: Annotated[list[Code], Field(max_length=30, default_factory=list)]
    team: Short | None = None
    team_code: Code | None = None
    consent_reason: Words | None = None
    discussion_id: Id | None = None
    revises: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    reason: Words | None = None
    proceed_without_answers: bool = False
    without_answers_reason: Words | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject_id": _SUBJECT,
                    "outcome": "s47_strategy_discussion",
                    "rationale": "Bruising that nobody can explain, on a baby who does not move yet.",
                    "inquiry": "joint",
                    "reason_codes": ["threshold_s47"],
                    "discussion_id": _DISCUSSION,
                },
                {
                    "subject_id": _SUBJECT,
                    "outcome": "information_on_open_case",
                    "rationale": "The child has an allocated worker, who is told today.",
                    "team_code": "child_protection",
                    "reason_codes": ["already_open"],
                    "revises": 1,
                    "reason": "The open case came to light after the decision.",
                },
            ]
        }
    )


class AuthorisationBody(StrictBody):
    """A manager who did not decide agrees to what waits for it, or refuses with a reason."""

    subject_id: Id
    of: Literal["decision", "rating"] = "decision"
    agreed: bool
    reason: Words | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [{"subject_id": _SUBJECT, "agreed": True}]})


class MilestoneBody(StrictBody):
    """Something that a clock waits for has happened to a subject."""

    subject_id: Id
    code: Code
    occurred_at: Moment

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"subject_id": _SUBJECT, "code": "paediatric_assessment", "occurred_at": "2026-11-22T12:40:00Z"}
            ]
        }
    )


class ClosureBody(StrictBody):
    """Why the front door's work on the contact is done."""

    reason: Literal["completed", "duplicate", "withdrawn", "not_our_area", "entered_in_error"]
    note: Words | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "completed"}]})
