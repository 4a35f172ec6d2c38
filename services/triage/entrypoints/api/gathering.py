"""Gathering: whose a contact is, what agencies and the referrer are asked, and what agencies answer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.triage.application.commands import gathering
from services.triage.domain.model import Answer, HandOver
from services.triage.entrypoints.api.turn import Here, take_turn
from services.triage.entrypoints.schemas import gathering as bodies
from services.triage.entrypoints.schemas import views
from shared.web import Caller, allow

Staff = Annotated[Caller, allow("practitioner", "manager")]

router = APIRouter(prefix="/v1/triage/{contact_id}", tags=["triage"])


@router.post("/assignments", response_model=views.CaseHead, status_code=201, summary="Assign, claim, hand over")
async def assign(
    contact_id: UUID, body: bodies.AssignmentBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """The contact is a team's, perhaps one worker's. To and from the out-of-hours team it is a hand-over."""
    words = {"note": body.note, "reason": body.reason, "outstanding": body.outstanding}
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.assign")
        if turn.act is not None:
            assignment = gathering.assign(
                turn.act,
                work,
                team=body.team,
                worker=body.worker,
                hand_over=HandOver(body.hand_over) if body.hand_over else None,
                words={name: text for name, text in words.items() if text is not None},
            )
            await turn.finish(work, 201, made=assignment.id)
    return turn.answer


@router.post("/checks", response_model=views.ChecksAsked, status_code=201, summary="Ask agencies what they know")
async def ask_agencies(
    contact_id: UUID, body: bodies.ChecksBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """One item for each agency, with a due time and an answer of its own. Each says why it is asked of each subject."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.ask_agencies")
        if turn.act is not None:
            checks = gathering.ask_agencies(
                turn.act,
                work,
                agencies=body.agencies,
                whys={one.subject_id: one.why for one in body.subjects},
                asked=body.asked,
                consent_reason=body.consent_reason,
            )
            asked = [{"check_id": str(one.id), "agency": one.agency} for one in checks]
            await turn.finish(work, 201, beside={"checks": asked})
    return turn.answer


@router.post(
    "/checks/{check_id}/answer", response_model=views.CaseHead, status_code=201, summary="Record an agency's answer"
)
async def answer_check(
    *, contact_id: UUID, check_id: UUID, body: bodies.CheckAnswerBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """The first answer settles the check; a further one amends it and is kept beside it."""
    words = {"what": body.what, "answered_by": body.answered_by, "why": body.why}
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.answer_check")
        if turn.act is not None:
            gathering.answer_check(
                turn.act,
                work,
                check_id,
                answer=Answer(body.answer),
                answered_at=body.answered_at,
                words={name: text for name, text in words.items() if text is not None},
            )
            await turn.finish(work, 201, made=turn.act.cause.id)
    return turn.answer


@router.post("/checks/{check_id}/chases", response_model=views.CaseHead, status_code=201, summary="Record a reminder")
async def chase_check(
    *, contact_id: UUID, check_id: UUID, body: bodies.ChaseBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """An agency was reminded of a check that nobody has answered."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.chase_check")
        if turn.act is not None:
            chase = gathering.chase_check(turn.act, work, check_id, chased_at=body.chased_at, how=body.how)
            await turn.finish(work, 201, made=chase.id)
    return turn.answer


@router.post(
    "/information-requests", response_model=views.CaseHead, status_code=201, summary="Ask the referrer for more"
)
async def ask_referrer(
    contact_id: UUID, body: bodies.InformationRequestBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """Questions of the pack, in its own words. A referrer without an address is to be phoned instead (409)."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.ask_referrer")
        if turn.act is not None:
            asked = gathering.ask_referrer(turn.act, work, question_codes=body.question_codes)
            await turn.finish(work, 201, made=asked.id)
    return turn.answer
