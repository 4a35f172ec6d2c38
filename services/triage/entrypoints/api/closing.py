"""Closing a contact, opening it again, answering who disagrees."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.triage.application import commands
from services.triage.domain.model import ClosureReason, ReopeningReason
from services.triage.entrypoints.api.turn import Here, take_turn
from services.triage.entrypoints.schemas import bodies, closing, views
from shared.web import Caller, allow

Staff = Annotated[Caller, allow("practitioner", "manager")]
Manager = Annotated[Caller, allow("manager")]

router = APIRouter(prefix="/v1/triage/{contact_id}", tags=["triage"])


@router.post("/closure", response_model=views.CaseHead, summary="Close, with the reason")
async def close(contact_id: UUID, body: bodies.ClosureBody, request: Request, caller: Staff, triage: Here) -> Response:
    """Anybody closes what is decided and told; everything else takes a manager. Closing as completed closes with it
    the duplicates whose referrers have been told.
    """
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.close")
        if turn.act is not None:
            commands.close_contact(turn.act, work, reason=ClosureReason(body.reason), note=body.note)
            await turn.finish(work)
    return turn.answer


@router.post("/reopening", response_model=views.CaseHead, summary="Open again what was closed, with a reason")
async def reopen(
    contact_id: UUID, body: closing.ReopeningBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """Decisions stay in force until they are revised. Anybody reopens what was completed; all else takes a manager."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.reopen")
        if turn.act is not None:
            commands.reopen_contact(turn.act, work, reason=ReopeningReason(body.reason), note=body.note)
            await turn.finish(work)
    return turn.answer


@router.post("/challenges/{challenge_id}/answer", response_model=views.CaseHead, summary="Answer a challenge")
async def answer_challenge(
    *,
    contact_id: UUID,
    challenge_id: UUID,
    body: closing.ChallengeAnswerBody,
    request: Request,
    caller: Manager,
    triage: Here,
) -> Response:
    """As a manager who had no part in what is challenged, once, at any stage. Where it is upheld a revision follows."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.answer_challenge")
        if turn.act is not None:
            challenge = commands.answer_challenge(
                turn.act,
                work,
                challenge_id=challenge_id,
                result=body.result,
                reason_codes=tuple(body.reason_codes),
                answer=body.answer,
            )
            await turn.finish(work, made=challenge.id)
    return turn.answer
