"""Who looked at what: the audit row of a request, in the transaction of the read itself."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid4

from starlette.requests import Request

from shared.database.unit_of_work import UnitOfWork
from shared.security.audit import audit
from shared.security.tokens import Caller
from shared.web.context import correlation_id


async def note_look(
    work: UnitOfWork,
    request: Request,
    caller: Caller,
    *,
    action: str,
    contact_ids: Iterable[UUID],
    outcome: str = "shown",
) -> None:
    """Writes the row; it is there once ``work`` is committed. ``outcome`` is what became of it: shown, refused, …"""
    await audit(
        work.connection,
        audit_id=uuid4(),
        caller=caller,
        action=action,
        contact_ids=sorted(set(contact_ids)),
        outcome=outcome,
        correlation_id=correlation_id(request),
        now=work.now,
    )
