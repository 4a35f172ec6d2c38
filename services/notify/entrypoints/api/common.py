"""What notify's routes share: the audit row of every read and refusal, and the shape of a notification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from fastapi import Request

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.domain.model import NotAllowed
from services.notify.entrypoints.schemas import NotificationOut
from shared.security.audit import audit
from shared.web import Caller, Problem, correlation_id


async def note(
    work: NotifyUnitOfWork, request: Request, caller: Caller, action: str, *, contacts: Sequence[UUID], outcome: str
) -> None:
    """Writes who looked at what, in the read's own transaction."""
    await audit(
        work.connection,
        audit_id=uuid4(),
        caller=caller,
        action=action,
        contact_ids=contacts,
        outcome=outcome,
        correlation_id=correlation_id(request),
        now=work.now,
    )


def notification(row: Mapping[str, Any]) -> NotificationOut:
    """A row of a message as it is answered."""
    names = NotificationOut.model_fields.keys() & row.keys()
    return NotificationOut.model_validate(
        {name: row[name] for name in names} | {"address": row["masked_address"], "decisions": row["tells"]}
    )


def refusal(error: NotAllowed) -> Problem:
    """409: the message's state does not allow it; what it does allow."""
    allowed = ", ".join(error.allowed) or "nothing"
    return Problem(409, error.code, detail=f"The message is {error.state.value}; what can be done now: {allowed}.")
