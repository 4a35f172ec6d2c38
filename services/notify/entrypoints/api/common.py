"""What notify's routes share: the audit row of every read and refusal, and the shape of a notification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.notify.domain.model import NotAllowed
from services.notify.entrypoints.schemas import NotificationOut
from shared.web import Problem


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
