"""What others tell of a case (links, challenges, withdrawals) as rows, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from services.triage.domain.model import Case, Challenge, Link, Reopening, Withdrawal

from .rows import document, lists, values

_LINK = (
    "link_id",
    "version",
    "relation",
    "role",
    "other_contact_id",
    "linked_at",
    "reason_code",
    "unlinked_at",
    "unlinked_reason",
)
_CHALLENGE = ("id", "challenged_at", "reason_code", "result", "answered_by", "answered_at")
_CHALLENGE_LISTS = ("subject_ids", "reason_codes")


def heard_columns(case: Case) -> dict[str, Any]:
    """What ``cases`` keeps of it."""
    withdrawals = [
        {"id": str(one.id), "requested_at": one.requested_at.isoformat(), "reason_code": one.reason_code}
        for one in case.heard.withdrawals.values()
    ]
    return {
        "reopened_at": case.reopened.at if case.reopened else None,
        "reopened_reason": case.reopened.reason_code if case.reopened else None,
        "duplicate_of": case.heard.duplicate_of,
        "withdrawals": withdrawals,
    }


def add_heard_columns(case: Case, row: Any) -> None:
    """Gives a case what heard_columns wrote of it."""
    if row.reopened_at is not None:
        case.reopened = Reopening(at=row.reopened_at, reason_code=row.reopened_reason)
    for kept in document(row.withdrawals):
        at = datetime.fromisoformat(kept["requested_at"])
        one = Withdrawal(id=UUID(kept["id"]), requested_at=at, reason_code=kept["reason_code"])
        case.heard.withdrawals[one.id] = one


def link_row(contact_id: UUID, link: Link) -> dict[str, Any]:
    """The row of ``links``."""
    pairs = {str(theirs): str(ours) for theirs, ours in link.pairs.items()}
    return {"contact_id": contact_id, **{name: getattr(link, name) for name in _LINK}, "pairs": pairs}


def link_from(row: Any) -> Link:
    """The link that link_row wrote."""
    pairs = {UUID(theirs): UUID(ours) for theirs, ours in document(row.pairs).items()}
    return Link(**values(row, _LINK), pairs=pairs, changed=False)


def challenge_row(contact_id: UUID, challenge: Challenge) -> dict[str, Any]:
    """The row of ``challenges``."""
    kept = {name: getattr(challenge, name) for name in (*_CHALLENGE, *_CHALLENGE_LISTS, "answer")}
    return {"contact_id": contact_id, **kept}


def challenge_from(row: Any) -> Challenge:
    """The challenge that challenge_row wrote."""
    answer = bytes(row.answer) if row.answer is not None else None
    return Challenge(**values(row, _CHALLENGE), **lists(row, _CHALLENGE_LISTS), answer=answer, changed=False)
