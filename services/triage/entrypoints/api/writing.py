"""What staff do. Every route: begin the turn, give the command, commit, then answer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.triage.application import commands
from services.triage.domain.model import Lacking
from services.triage.entrypoints.api.turn import Here, take_turn
from services.triage.entrypoints.schemas import bodies, views
from shared.web import Caller, allow

Staff = Annotated[Caller, allow("practitioner", "manager")]
Manager = Annotated[Caller, allow("manager")]

router = APIRouter(prefix="/v1/triage/{contact_id}", tags=["triage"])


@router.post("/open", response_model=views.CaseHead, summary="Open: somebody is looking")
async def open_contact(contact_id: UUID, request: Request, caller: Staff, triage: Here) -> Response:
    """Opens the contact; the first time stops the clocks that wait for somebody to look."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.open")
        if turn.act is not None:
            commands.open_contact(turn.act, work)
            await turn.finish(work)
    return turn.answer


@router.post("/rating", response_model=views.CaseHead, summary="Rate a subject again, with a reason")
async def rerate(contact_id: UUID, body: bodies.RatingBody, request: Request, caller: Staff, triage: Here) -> Response:
    """Raising is anybody's. Lowering takes a manager; below a floor that asks for two people, a second manager."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.rate")
        if turn.act is not None:
            commands.rerate_contact(turn.act, work, subject_id=body.subject_id, route=body.route, reason=body.reason)
            await turn.finish(work)
    return turn.answer


@router.post("/decision", response_model=views.CaseHead, status_code=201, summary="Decide one subject's outcome")
async def decide(
    contact_id: UUID, body: bodies.DecisionBody, request: Request, caller: Staff, triage: Here
) -> Response:
    """In force, and said, at once or when the last manager needed has authorised it. With ``revises`` it takes the
    place of the version in force, which stays as it was said.
    """
    words = {"rationale": body.rationale, "lead": body.lead, "team": body.team, "consent": body.consent_reason}
    words["without_answers"] = body.without_answers_reason
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.decide")
        if turn.act is not None:
            outcome = commands.Outcome(
                subject_id=body.subject_id,
                outcome=body.outcome,
                level=body.level,
                inquiry=body.inquiry,
                service_codes=tuple(body.service_codes),
                reason_codes=tuple(body.reason_codes),
                discussion_id=body.discussion_id,
                lead_code=body.lead_code,
                without_answers=body.proceed_without_answers,
                words={name: text for name, text in words.items() if text is not None},
                team_code=body.team_code,
                revises=body.revises,
                reason=body.reason,
            )
            decision = commands.decide(turn.act, work, outcome)
            await turn.finish(work, 201, made=decision.id)
    return turn.answer


@router.post("/authorisation", response_model=views.CaseHead, summary="Authorise, or refuse, as one who did not decide")
async def authorise(
    contact_id: UUID, body: bodies.AuthorisationBody, request: Request, caller: Manager, triage: Here
) -> Response:
    """A decision, or a lower rating, that waits for a manager who did not make it."""
    async with triage.work() as work:
        turn = await take_turn(work, request, caller, contact_id, triage, action="case.authorise")
        if turn.act is not None:
            if not body.agreed and body.reason is None:
                raise Lacking(("reason", "missing_reason"))
            settle = commands.authorise_decision if body.of == "decision" else commands.authorise_lowering
            settle(turn.act, work, subject_id=body.subject_id, agreed=body.agreed, reason=body.reason)
            await turn.finish(work)
    return turn.answer
