"""What staff send, and how their refusals read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx2 import Response

from tests.support.builders_triage import subject_id

HELD = "2026-11-21T10:00:00Z"
SECRET = "The aunt saw it on Tuesday."


def code(answer: Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def missing(answer: Response) -> set[str]:
    """The codes of what a refusal says is missing."""
    assert answer.status_code == 422, answer.text
    return {error["code"] for error in answer.json()["errors"]}


def discussion(contact: UUID, **changes: Any) -> dict[str, Any]:
    body = {
        "kind": "strategy",
        "held_at": HELD,
        "attended": ["childrens_services", "police", "health"],
        "subject_ids": [str(subject_id(contact))],
        "minutes": SECRET,
    }
    return body | changes


def s47(contact: UUID, **changes: Any) -> dict[str, Any]:
    body = {
        "subject_id": str(subject_id(contact)),
        "outcome": "s47_strategy_discussion",
        "rationale": SECRET,
        "inquiry": "joint",
        "reason_codes": ["threshold_s47"],
    }
    return body | changes


def early_help(contact: UUID, position: int = 2, **changes: Any) -> dict[str, Any]:
    body = {
        "subject_id": str(subject_id(contact, position)),
        "outcome": "early_help",
        "rationale": "The school can lead.",
        "level": 2,
        "lead": "Head of year",
    }
    return body | changes


def checks(contact: UUID, **changes: Any) -> dict[str, Any]:
    body = {
        "agencies": ["police", "health"],
        "subjects": [{"subject_id": str(subject_id(contact)), "why": SECRET}],
        "asked": SECRET,
    }
    return body | changes


def answer(**changes: Any) -> dict[str, Any]:
    body = {
        "answer": "information",
        "answered_at": datetime.now(UTC).isoformat(),
        "answered_by": SECRET,
        "what": SECRET,
        "why": SECRET,
    }
    return {name: value for name, value in (body | changes).items() if value is not None}
