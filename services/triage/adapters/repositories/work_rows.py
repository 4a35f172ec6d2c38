"""What staff make of a case (decisions, discussions, milestones, its history) as database rows, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.triage.domain.model import (
    Decision,
    DecisionState,
    Discussion,
    DiscussionKind,
    Entry,
    Milestone,
)

from .rows import lists, values

_DECISION = (
    "id",
    "subject_id",
    "version",
    "outcome",
    "level",
    "inquiry",
    "discussion_id",
    "proposed_outcome",
    "lowers",
    "decided_by",
    "decided_at",
    "role_needed",
    "authorisations_needed",
    "settled_at",
    "team_code",
    "revises",
    "made_on",
    "mirrors",
    "unanswered_checks",
    "lead_code",
)
_DECISION_LISTS = ("service_codes", "reason_codes", "authorised_by")


def decision_row(contact_id: UUID, decision: Decision) -> dict[str, Any]:
    """The row of ``decisions``."""
    return {
        "contact_id": contact_id,
        **{name: getattr(decision, name) for name in (*_DECISION, *_DECISION_LISTS, "words")},
        "state": decision.state.value,
    }


def decision_from(row: Any) -> Decision:
    """The decision that decision_row wrote."""
    return Decision(
        **values(row, _DECISION),
        **lists(row, _DECISION_LISTS),
        words=bytes(row.words),
        state=DecisionState(row.state),
        changed=False,
    )


_DISCUSSION = ("id", "decided_at", "held_at", "result", "recorded_by", "recorded_at")
_DISCUSSION_LISTS = ("attended", "subject_ids")


def discussion_row(contact_id: UUID, discussion: Discussion) -> dict[str, Any]:
    """The row of ``discussions``."""
    return {
        "contact_id": contact_id,
        **values(discussion, (*_DISCUSSION, *_DISCUSSION_LISTS, "minutes")),
        "kind": discussion.kind.value,
    }


def discussion_from(row: Any) -> Discussion:
    """The discussion that discussion_row wrote."""
    return Discussion(
        **values(row, _DISCUSSION),
        **lists(row, _DISCUSSION_LISTS),
        kind=DiscussionKind(row.kind),
        minutes=bytes(row.minutes) if row.minutes is not None else None,
        changed=False,
    )


_MILESTONE = ("id", "subject_id", "code", "occurred_at", "recorded_by", "recorded_at")


def milestone_row(contact_id: UUID, milestone: Milestone) -> dict[str, Any]:
    """The row of ``milestones``."""
    return {"contact_id": contact_id, **{name: getattr(milestone, name) for name in _MILESTONE}}


def milestone_from(row: Any) -> Milestone:
    """The milestone that milestone_row wrote."""
    return Milestone(**values(row, _MILESTONE))


def entry_row(contact_id: UUID, entry: Entry) -> Mapping[str, Any]:
    """The row of ``history``."""
    return {
        "contact_id": contact_id,
        "number": entry.number,
        "act_id": entry.act_id,
        "occurred_at": entry.at,
        "what": entry.what,
        "by": entry.by,
        "subject_id": entry.subject_id,
        "codes": entry.codes,
        "note": entry.note,
    }
