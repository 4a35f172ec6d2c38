"""What every route about a case has in common: who asks, which case, once, unchanged since it was read, audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from services.triage.adapters import queries
from services.triage.adapters.repositories import TriageUnitOfWork
from services.triage.application.commands import Act
from services.triage.bootstrap import Triage
from services.triage.domain.model import Case, Lacking, NotAllowed, NotThere, RoleNeeded
from services.triage.entrypoints.api import showing
from shared.contracts.envelope import Cause
from shared.web import (
    Caller,
    FieldError,
    Once,
    Problem,
    begin_once,
    correlation_id,
    etag,
    not_found,
    note_look,
    require_match,
    traceparent,
)
from shared.web.problems import answer_http_exception


def _triage(request: Request) -> Triage:
    triage: Triage = request.app.state.triage
    return triage


Here = Annotated[Triage, Depends(_triage)]


@dataclass(slots=True)
class Turn:
    """One write by one caller. ``act`` is None where the stored answer of an earlier try is all there is to do."""

    once: Once
    act: Act | None
    answer: Response

    async def finish(
        self,
        work: TriageUnitOfWork,
        status: int = 200,
        *,
        made: UUID | None = None,
        beside: Mapping[str, Any] | None = None,
    ) -> None:
        """Commits the act with its answer (``beside``: what more it says), so that a retry gets the same one."""
        if self.act is None:
            raise RuntimeError("there is nothing to finish")
        case = self.act.case
        shown = showing.head(case, made=made).model_dump(mode="json") | dict(beside or {})
        self.answer = JSONResponse(shown, status, {"ETag": etag(case.version)})
        await self.once.keep(self.answer)
        await work.commit()


async def take_turn(
    work: TriageUnitOfWork, request: Request, caller: Caller, contact_id: UUID, triage: Triage, *, action: str
) -> Turn:
    """Begins a write: idempotency first, then the case under its lock, then the precondition, then the audit row.

    Raises Problem 400, 404 (the refused id is audited), 409, 412, 422, 428. Only staff must send If-Match: a case
    system does not read what it adds a milestone to.
    """
    once = await begin_once(work.connection, request, caller, cipher=triage.platform.idempotency_cipher)
    if once.answer is not None:
        return Turn(once, None, once.answer)
    if not await queries.exists(work.connection, contact_id):
        await once.keep(Response(status_code=404))
        await refuse_unknown(work, request, caller, contact_id, action=action)
    await work.lock_duplicates(contact_id)
    case = await locked_case(work, contact_id)
    if caller.kind == "staff":
        require_match(request, case.version)
    await note_look(work, request, caller, contact_ids=[contact_id], action=action, outcome="done")
    cause = Cause(id=once.id, correlation_id=correlation_id(request), traceparent=traceparent(request))
    return Turn(once, Act(case=case, cause=cause, by=caller.subject, roles=caller.roles), Response())


async def read_case(work: TriageUnitOfWork, request: Request, caller: Caller, contact_id: UUID, *, action: str) -> Case:
    """The case for a reader, audited. Raises Problem 404 for an unknown id, which is audited too."""
    if not await queries.exists(work.connection, contact_id):
        await refuse_unknown(work, request, caller, contact_id, action=action)
    case = await locked_case(work, contact_id)
    await note_look(work, request, caller, contact_ids=[contact_id], action=action, outcome="shown")
    return case


async def locked_case(work: TriageUnitOfWork, contact_id: UUID) -> Case:
    """The case under its contact's lock. Raises Problem 404 where it has just been erased."""
    await work.lock([contact_id])
    case = work.cases.get(contact_id)
    if case is None:
        raise not_found()
    return case


async def refuse_unknown(
    work: TriageUnitOfWork, request: Request, caller: Caller, contact_id: UUID, *, action: str
) -> None:
    """Writes down who asked for an id that is not here, commits that, and raises the 404."""
    await note_look(work, request, caller, contact_ids=[contact_id], action=action, outcome="refused")
    await work.commit()
    raise not_found()


async def answer_not_allowed(request: Request, error: Exception) -> Response:
    """409 (or 403 where a role is missing): what stands in the way, and what may be done now."""
    if not isinstance(error, NotAllowed):
        raise error
    status = 403 if isinstance(error, RoleNeeded) else 409
    allowed = ", ".join(error.allowed) or "nothing"
    detail = error.say or f"This cannot be done with a contact that is {error.stage.value}. Allowed now: {allowed}."
    return await answer_http_exception(request, Problem(status, error.code, detail=detail))


async def answer_not_there(request: Request, error: Exception) -> Response:
    """404: the contact is there, what is asked of it is not."""
    if not isinstance(error, NotThere):
        raise error
    return await answer_http_exception(request, not_found())


async def answer_lacking(request: Request, error: Exception) -> Response:
    """422: every field that is missing or unknown, by name."""
    if not isinstance(error, Lacking):
        raise error
    errors = [
        FieldError(f"/{field}", code, code.replace("_", " ").replace(":", ": ") + ".") for field, code in error.missing
    ]
    return await answer_http_exception(request, Problem(422, "incomplete", detail=None, errors=errors))
