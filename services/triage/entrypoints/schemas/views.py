"""Answers of triage's API. No name of anybody: subjects by position, kind and age."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict

from .gathered import AssignmentView, CheckView, RequestView
from .heard_views import ChallengeView, HistoryView, LinkView, WithdrawalView
from .parts import CodeView
from .parts import View as _View

_CONTACT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1a01"
_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"


class AgeView(_View):
    """An age at the incident, in the unit it was told in; value null: not known."""

    unit: str
    value: int | None
    estimated: bool


class FactView(_View):
    """A fact that made a rule fire, as it was answered."""

    name: str
    answer: str


class ReasonView(_View):
    """Why a subject is rated as it is: the rule, its facts, and where the published document says so."""

    rule: str
    route: str | None
    outcome: str | None
    facts: list[FactView]
    place: str
    strength: str
    text: str
    default: bool


class LoweringView(_View):
    """A lower route that waits for a second person."""

    route: str
    asked_by: str
    asked_at: datetime


class SubjectView(_View):
    """One subject: what is in force, what the machine said beside it, and why."""

    subject_id: UUID
    position: int
    kind: str
    age: AgeView
    consent: str
    open_case: str
    history: HistoryView | None
    rating: str
    routes: list[str]
    proposed_route: str | None
    proposed_outcome: str | None
    outcome_floor: str | None
    level: int | None
    level_by_person: bool
    needs_person: bool
    unrated: bool
    rated_by: str | None
    machine_rating: str | None
    flags: list[CodeView]
    reasons: list[ReasonView]
    lowering: LoweringView | None


class DecisionView(_View):
    """A decision about one subject, in force or not; ``made_on``: on the contact that this one is a duplicate of."""

    decision_id: UUID
    subject_id: UUID
    version: int
    state: str
    outcome: str
    differs_from_proposal: bool
    proposed_outcome: str | None
    lowers: bool
    level: int | None
    inquiry: str | None
    rationale: str
    lead_code: str | None
    lead: str | None
    team: str | None
    team_code: str | None
    counts_as_referral: bool
    revises: int | None
    made_on: UUID | None
    consent_reason: str | None
    unanswered_checks: int
    without_answers_reason: str | None
    service_codes: list[str]
    reason_codes: list[str]
    discussion_id: UUID | None
    decided_by: str
    decided_at: datetime
    role_needed: str | None
    authorisations_missing: int
    authorised_by: list[str]
    settled_at: datetime | None


class DiscussionView(_View):
    """A discussion that was decided on or held; ``quorum_missing`` names whom the pack wants there and who was not."""

    discussion_id: UUID
    kind: str
    state: str
    decided_at: datetime | None
    held_at: datetime | None
    attended: list[str]
    quorum_met: bool
    quorum_missing: list[str]
    result: str | None
    subject_ids: list[UUID]
    minutes: str | None
    recorded_by: str
    recorded_at: datetime


class MilestoneView(_View):
    """A milestone that was reached."""

    milestone_id: UUID
    subject_id: UUID
    code: str
    occurred_at: datetime
    recorded_by: str
    recorded_at: datetime


class CaseHead(_View):
    """Where a contact stands after a write; ``made`` is the id of what the write made."""

    contact_id: UUID
    reference: str | None
    stage: str
    version: int
    rating: str | None
    rating_version: int
    unrated: bool
    undecided: int
    allowed: list[str]
    duplicate_of: UUID | None
    made: UUID | None = None

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "contact_id": _CONTACT,
                    "reference": "MASH-26-00017-K",
                    "stage": "opened",
                    "version": 2,
                    "rating": "red",
                    "rating_version": 1,
                    "unrated": False,
                    "undecided": 1,
                    "allowed": ["open", "rerate", "assign", "ask_agencies", "discuss", "decide", "authorise", "close"],
                    "duplicate_of": None,
                    "made": None,
                }
            ]
        },
    )


class AskedView(_View):
    """One check that was made."""

    check_id: UUID
    agency: str


class ChecksAsked(CaseHead):
    """Where a contact stands, and the checks that were made, one for each agency."""

    checks: list[AskedView]

    model_config = ConfigDict(frozen=True, json_schema_extra={})


class CaseView(CaseHead):
    """Everything that triage knows of a contact."""

    pages: bool
    policy: str | None
    policy_hash: str | None
    received_at: datetime | None
    accepted_at: datetime | None
    incident_at: datetime | None
    channel: str | None
    sender_grade: str | None
    referrer_kind: str | None
    source_code: str | None
    organisation_id: str | None
    has_address: bool | None
    opened_at: datetime | None
    opened_by: str | None
    closed_at: datetime | None
    closed_reason: str | None
    reopened_at: datetime | None
    reopened_reason: str | None
    next_due_at: datetime | None
    breached: int
    acknowledged_at: datetime | None
    undelivered: list[str]
    attention: list[str]
    links: list[LinkView]
    challenges: list[ChallengeView]
    withdrawals: list[WithdrawalView]
    subjects: list[SubjectView]
    decisions: list[DecisionView]
    discussions: list[DiscussionView]
    milestones: list[MilestoneView]
    team: str | None
    worker: str | None
    assignments: list[AssignmentView]
    checks: list[CheckView]
    information_requests: list[RequestView]

    model_config = ConfigDict(frozen=True, json_schema_extra={})
