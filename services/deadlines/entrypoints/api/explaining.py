"""Staff say why a breach came about; a manager, whether it is excused."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.deadlines.adapters import queries
from services.deadlines.adapters.repositories import DeadlinesUnitOfWork
from services.deadlines.application.commands import explain_breach
from services.deadlines.bootstrap import Deadlines
from services.deadlines.domain.model.explanation import ExcuseIsForManagers, ExplanationRefused
from services.deadlines.entrypoints import schemas
from shared.web import IDEMPOTENT, Caller, FieldError, Problem, allow, begin_once, not_found, note_look

Explainer = Annotated[Caller, allow("practitioner", "manager")]


def router(deadlines: Deadlines) -> APIRouter:
    """The route that adds an explanation."""
    routes = APIRouter(prefix="/v1", tags=["watching"])

    @routes.post(
        "/breaches/{breach_id}/explanation",
        status_code=201,
        response_model=schemas.ExplanationOut,
        summary="Say why it came about",
        description="Adds to the ledger; what was said before stays, and so does the breach, excused or not.",
        openapi_extra=IDEMPOTENT,
    )
    async def post_explanation(
        breach_id: UUID, body: schemas.ExplanationIn, request: Request, caller: Explainer
    ) -> Response:
        async with deadlines.work() as work:
            once = await begin_once(work.connection, request, caller, cipher=deadlines.platform.idempotency_cipher)
            if once.answer is not None:
                return once.answer
            contact_id = await queries.contact_of_breach(work.connection, breach_id)
            known = contact_id is not None
            looked_at = contact_id or breach_id
            outcome = "done" if known else "refused"
            await note_look(work, request, caller, action="breach.explain", contact_ids=[looked_at], outcome=outcome)
            answer = (
                await _explained(work, body, caller, breach_id=breach_id, contact_id=contact_id, request_id=once.id)
                if contact_id is not None
                else JSONResponse(None, 404)
            )
            await once.keep(answer)
            await work.commit()
        if not known:
            raise not_found()
        return answer

    return routes


async def _explained(
    work: DeadlinesUnitOfWork,
    body: schemas.ExplanationIn,
    caller: Caller,
    *,
    breach_id: UUID,
    contact_id: UUID,
    request_id: UUID,
) -> Response:
    await work.lock([contact_id], unread={contact_id})
    try:
        made = explain_breach(
            work,
            request_id=request_id,
            breach_id=breach_id,
            contact_id=contact_id,
            cause=body.cause,
            excused=body.excused,
            note=body.note,
            by=caller.subject,
            by_manager="manager" in caller.roles,
        )
    except ExplanationRefused as refused:
        status = 403 if isinstance(refused, ExcuseIsForManagers) else 422
        error = FieldError(f"/{refused.field}", refused.code, refused.detail)
        raise Problem(status, refused.code, detail=refused.detail, errors=[error]) from None
    shown = schemas.ExplanationOut(
        id=made.id,
        breach_id=breach_id,
        cause=made.cause,
        excused=made.excused,
        explained_at=made.explained_at,
        explained_by=made.explained_by,
        note=None,  # the answer is kept for a repeated request, longer than an erased contact's words may be
    )
    return JSONResponse(shown.model_dump(mode="json"), 201)
