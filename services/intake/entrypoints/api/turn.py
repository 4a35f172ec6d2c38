"""One write about one contact: once, by whom it may be, with the contact locked, audited, answered after the commit."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response

from services.intake.adapters import queries
from services.intake.adapters.repositories.contacts import IntakeUnitOfWork
from services.intake.bootstrap import Intake
from shared.contracts.envelope import Cause
from shared.web import Caller, Once, begin_once, correlation_id, not_found, note_look, traceparent

from .scope import own


@dataclass(slots=True)
class LockedTurn:
    """``answer`` is what an earlier try was answered; then there is nothing to do but give it again."""

    work: IntakeUnitOfWork
    contact: queries.KeptContact | None
    cause: Cause
    once: Once
    answer: Response | None

    @property
    def response(self) -> Response:
        """The answer. Raises RuntimeError where the turn was not finished."""
        if self.answer is None:
            raise RuntimeError("the turn was not finished")
        return self.answer

    async def finish(self, answer: Response) -> None:
        """Commits what was done with its answer, so that a retry gets the same one."""
        self.answer = answer
        await self.once.keep(answer)
        await self.work.commit()


@asynccontextmanager
async def locked_turn(
    intake: Intake, request: Request, caller: Caller, contact_id: UUID, *, action: str
) -> AsyncGenerator[LockedTurn]:
    """Begins a write: idempotency first, then the contact, if it is the caller's, under its lock, then the audit row.

    Raises Problem 400, 404 (the refused id is audited), 409, 422.
    """
    async with intake.work() as work:
        once = await begin_once(work.connection, request, caller, cipher=intake.platform.idempotency_cipher)
        cause = Cause(id=once.id, correlation_id=correlation_id(request), traceparent=traceparent(request))
        if once.answer is not None:
            yield LockedTurn(work, None, cause, once, once.answer)
            return
        contact = await _readable(work, contact_id, organisation=own(caller))
        outcome = "done" if contact else "refused"
        await note_look(work, request, caller, action=action, contact_ids=[contact_id], outcome=outcome)
        if contact is None:
            await once.keep(Response(status_code=404))
            await work.commit()
            raise not_found()
        yield LockedTurn(work, contact, cause, once, None)


async def _readable(
    work: IntakeUnitOfWork, contact_id: UUID, *, organisation: str | None
) -> queries.KeptContact | None:
    """The contact under its lock, if it is there and not forgotten: one that is not there is not locked."""
    masters = work.database.master_keys
    found = await queries.read_contacts(work.connection, [contact_id], organisation=organisation, masters=masters)
    if not found or found[0].told is None:
        return None
    await work.lock([contact_id])
    return None if work.erased(contact_id) else found[0]
