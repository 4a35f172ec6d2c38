"""Discussions (decided on, held, or both) and milestones."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.triage.application.commands import discussing
from services.triage.domain.model import DiscussionKind, Lacking
from services.triage.entrypoints.api.turn import Here, take_turn
from services.triage.entrypoints.schemas import bodies, gathering, views
from shared.web import Caller, allow

Staff = Annotated[Caller, allow("practitioner", "manager")]
StaffOrCaseSystem = Annotated[Caller, allow("practitioner", "manager", "service")]

router = APIRouter(prefix="/v1/triage/{contact_id}", tags=["triage"])


@router.post("/discussions", response_model=views.CaseHead, status_code=201, summary="Record a discussion")
async def record_discussion(
    contact_id: UUID, body: gathering.DiscussionBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """It is decided to hold a priority or strategy discussion, or it took place, which stops the clock that waits."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.discuss")
        if turn.act is not None:
            discussion = discussing.record_discussion(
                turn.act,
                work,
                kind=DiscussionKind(body.kind),
                subject_ids=tuple(body.subject_ids),
                decided_at=body.decided_at,
                held=_held(body),
            )
            await turn.finish(work, 201, made=discussion.id)
    return turn.answer


def _held(body: gathering.DiscussionBody) -> discussing.Held | None:
    """What the body tells of a discussion that took place; None where it was only decided on."""
    if body.held_at is None:
        if body.decided_at is None or body.attended or body.result or body.minutes:
            raise Lacking(("held_at", "missing_held_at"))
        return None
    if not body.attended:
        raise Lacking(("attended", "missing_attended"))
    return discussing.Held(
        held_at=body.held_at, attended=tuple(body.attended), result=body.result, minutes=body.minutes
    )


@router.post("/discussions/{discussion_id}/held", response_model=views.CaseHead, summary="It was held")
async def hold_discussion(
    *, contact_id: UUID, discussion_id: UUID, body: gathering.HeldBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """A discussion that had been decided on took place: now it is said, and stops the clock that waits for it."""
    held = discussing.Held(
        held_at=body.held_at, attended=tuple(body.attended), result=body.result, minutes=body.minutes
    )
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.discuss")
        if turn.act is not None:
            discussing.hold_discussion(turn.act, work, discussion_id, held)
            await turn.finish(work, made=discussion_id)
    return turn.answer


@router.post(
    "/milestones",
    response_model=views.CaseHead,
    status_code=201,
    summary="Record a milestone",
    responses={200: {"model": views.CaseHead, "description": "Known already: the first one's id."}},
)
async def record_milestone(
    contact_id: UUID, body: bodies.MilestoneBody, request: Request, caller: StaffOrCaseSystem, triage: Here
) -> Response:
    """By staff, or by the case system as a service; also after the contact was closed. What is known already (the same
    subject, code and time) is answered with 200 and the first one's id.
    """
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.milestone")
        if turn.act is not None:
            milestone, new = discussing.record_milestone(
                turn.act, work, subject_id=body.subject_id, code=body.code, occurred_at=body.occurred_at
            )
            await turn.finish(work, 201 if new else 200, made=milestone.id)
    return turn.answer
