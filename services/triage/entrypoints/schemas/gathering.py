"""Request bodies of gathering: checks, their answers, questions to the referrer, assignments, discussions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.web import Id, Moment, StrictBody

from .bodies import Code, Short, Words

_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"
Worker = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$", min_length=1, max_length=200)]


class AssignmentBody(StrictBody):
    """Whose the contact is from now on. ``worker`` "me" claims it. Between day and night it is a hand-over, which says
    why and what is outstanding.
    """

    team: Code
    worker: Worker | None = None
    note: Words | None = None
    hand_over: Literal["to_edt", "from_edt"] | None = None
    reason: Words | None = None
    outstanding: Words | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"team": "mash", "worker": "me"},
                {
                    "team": "edt",
                    "hand_over": "to_edt",
                    "reason": "Nobody could be reached before closing time.",
                    "outstanding": "Phone the ward at eight; the baby stays in until then.",
                },
            ]
        }
    )


class AskedAbout(StrictBody):
    """A subject that agencies are asked about, and why that is necessary and proportionate."""

    subject_id: Id
    why: Words


class ChecksBody(StrictBody):
    """What agencies are asked: one item for each of them."""

    agencies: Annotated[list[Code], Field(min_length=1, max_length=20)]
    subjects: Annotated[list[AskedAbout], Field(min_length=1, max_length=50)]
    asked: Words
    consent_reason: Words | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "agencies": ["police", "health"],
                    "subjects": [{"subject_id": _SUBJECT, "why": "An injury that nobody can explain."}],
                    "asked": "What is known of the household in the last twelve months.",
                    "consent_reason": "Asking the parents first would put the child at risk.",
                }
            ]
        }
    )


class CheckAnswerBody(StrictBody):
    """What an agency answered, who for it, when, and why releasing it is necessary and proportionate."""

    answer: Literal["information", "nothing_known", "refused", "no_longer_needed"]
    answered_at: Moment
    answered_by: Short | None = None
    what: Words | None = None
    why: Words | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "answer": "information",
                    "answered_at": "2026-11-22T10:20:00Z",
                    "answered_by": "Duty nurse of the hub",
                    "what": "Two attendances this autumn; the last one without the baby's red book.",
                    "why": "Needed to judge the explanation given; nothing else of the record is shared.",
                }
            ]
        }
    )


class ChaseBody(StrictBody):
    """An agency was reminded."""

    chased_at: Moment
    how: Literal["phone", "email", "in_person", "message"]

    model_config = ConfigDict(json_schema_extra={"examples": [{"chased_at": "2026-11-22T11:00:00Z", "how": "phone"}]})


class InformationRequestBody(StrictBody):
    """What the referrer is asked, in the pack's own words: codes of its questions."""

    question_codes: Annotated[list[Code], Field(min_length=1, max_length=20)]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question_codes": ["injury_detail", "who_lives_there"]}]}
    )


class DiscussionBody(StrictBody):
    """A discussion that was decided on (``decided_at``), took place (``held_at``, who was there), or both. Agencies,
    never names.
    """

    kind: Literal["priority", "strategy"]
    subject_ids: Annotated[list[Id], Field(min_length=1, max_length=50)]
    decided_at: Moment | None = None
    held_at: Moment | None = None
    attended: Annotated[list[Code], Field(max_length=30, default_factory=list)]
    result: Code | None = None
    minutes: Words | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "strategy",
                    "decided_at": "2026-11-22T09:40:00Z",
                    "held_at": "2026-11-22T11:05:00Z",
                    "attended": ["childrens_services", "police", "health"],
                    "subject_ids": [_SUBJECT],
                    "result": "s47_joint",
                    "minutes": "Joint enquiry agreed; medical today.",
                },
                {"kind": "strategy", "decided_at": "2026-11-22T09:40:00Z", "subject_ids": [_SUBJECT]},
            ]
        }
    )


class HeldBody(StrictBody):
    """A discussion that had been decided on took place."""

    held_at: Moment
    attended: Annotated[list[Code], Field(min_length=1, max_length=30)]
    result: Code | None = None
    minutes: Words | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "held_at": "2026-11-22T11:05:00Z",
                    "attended": ["childrens_services", "police", "health"],
                    "result": "s47_joint",
                    "minutes": "Joint enquiry agreed; medical today.",
                }
            ]
        }
    )
