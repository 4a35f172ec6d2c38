"""What partners, and staff for them, tell of a contact later: more information, a withdrawal, a challenge."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.intake.adapters.repositories.contacts import IntakeUnitOfWork
from services.intake.adapters.repositories.tellings import KeptTellings
from services.intake.application.commands import (
    About,
    Challenge,
    Information,
    Withdrawal,
    add_information,
    challenge_decision,
    request_withdrawal,
)
from services.intake.domain.model.contact import Told
from services.intake.domain.model.standing import Standing, names_nobody, standing
from services.intake.domain.model.telling import Refused, challenged_subjects, refuse_challenge, refuse_too_many
from services.intake.entrypoints.schemas.answers import SubjectNamed
from services.intake.entrypoints.schemas.contact import InformationIn, open_schema
from services.intake.entrypoints.schemas.reading import InformationTold
from services.intake.entrypoints.schemas.telling import (
    ChallengeAccepted,
    ChallengeIn,
    InformationAccepted,
    WithdrawalAccepted,
    WithdrawalIn,
)
from shared.contracts.envelope import Cause
from shared.web import IDEMPOTENT, Caller, FieldError, Problem, allow

from .preparing import Door, warnings_out
from .turn import locked_turn

Teller = Annotated[Caller, allow("partner", "practitioner", "manager")]
CHILD_ID_OCTETS = 16
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": open_schema(InformationIn)}}}}
_NOBODY = Told(
    pointer="/subjects",
    code="no_such_subject",
    detail="A subject is named that is not there; kept as a new one, and a person will look.",
)
_NOT_ASKED = Told(pointer="/answers_request", code="ignored", detail="This contact has no such request; kept as sent.")


@dataclass(frozen=True, slots=True)
class Turn:
    """The locked contact, as it is when something is told of it."""

    work: IntakeUnitOfWork
    about: About
    kept: KeptTellings
    cause: Cause
    caller: Caller


def router(door: Door) -> APIRouter:
    """The routes on which more is told of a contact."""
    routes = APIRouter(prefix="/v1/contacts/{contact_id}", tags=["contacts"])
    _informing(routes, door)
    _withdrawing(routes, door)
    _challenging(routes, door)
    return routes


def _informing(routes: APIRouter, door: Door) -> None:
    @routes.post(
        "/information",
        status_code=201,
        response_model=InformationAccepted,
        summary="Tell us more",
        openapi_extra={**IDEMPOTENT, **_BODY},
    )
    async def post_information(contact_id: UUID, request: Request, caller: Teller) -> Response:
        body = await request.body()
        told = door.reader.information(body, new_id=uuid4)
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        return await _tell(
            door, request, caller, contact_id, action="contact.information", tell=partial(_inform, door, told, text)
        )


def _withdrawing(routes: APIRouter, door: Door) -> None:
    pack = door.intake.platform.pack

    @routes.post(
        "/withdrawal",
        status_code=201,
        response_model=WithdrawalAccepted,
        summary="Say that the referrer would take it back",
        openapi_extra={**IDEMPOTENT, **_one_of("reason_code", pack.withdrawals)},
    )
    async def post_withdrawal(contact_id: UUID, body: WithdrawalIn, request: Request, caller: Teller) -> Response:
        _known(body.reason_code, pack.withdrawals, "reason_code")
        return await _tell(
            door, request, caller, contact_id, action="contact.withdrawal", tell=partial(_withdraw, body)
        )


def _challenging(routes: APIRouter, door: Door) -> None:
    pack = door.intake.platform.pack

    @routes.post(
        "/challenge",
        status_code=201,
        response_model=ChallengeAccepted,
        summary="Say that the referrer disagrees with what was decided",
        openapi_extra={**IDEMPOTENT, **_one_of("ground", pack.grounds)},
    )
    async def post_challenge(contact_id: UUID, body: ChallengeIn, request: Request, caller: Teller) -> Response:
        _known(body.ground, pack.grounds, "ground")
        return await _tell(
            door, request, caller, contact_id, action="contact.challenge", tell=partial(_challenge, body)
        )


async def _tell(
    door: Door,
    request: Request,
    caller: Caller,
    contact_id: UUID,
    *,
    action: str,
    tell: Callable[[Turn], BaseModel],
) -> Response:
    async with locked_turn(door.intake, request, caller, contact_id, action=action) as turn:
        if turn.contact is not None:
            kept = await turn.work.tellings.of(contact_id)
            about = About(
                contact_id=contact_id,
                organisation=turn.contact.organisation,
                received_at=turn.contact.received_at,
                accepted_at=turn.contact.accepted_at,
                told=door.reader.again(turn.contact.text or "", accepted_at=turn.contact.accepted_at, new_id=uuid4),
                named=kept.named,
            )
            try:
                said = tell(Turn(turn.work, about, kept, turn.cause, caller))
            except Refused as refused:
                raise Problem(409, refused.code, detail=refused.advice) from None
            await turn.finish(JSONResponse(said.model_dump(mode="json"), 201))
        return turn.response


def standing_of(door: Door, about: About, kept: KeptTellings) -> Standing:
    """The subjects as they stand: what was told first and all additions, read again."""
    additions = [door.reader.information(one.what or "{}", new_id=uuid4).addition for one in kept.information]
    return standing(about.told, additions, ids=[one.subject_id for one in kept.named])


def _inform(door: Door, told: InformationTold, text: str, turn: Turn) -> InformationAccepted:
    refuse_too_many(len(turn.kept.information))
    before = standing_of(door, turn.about, turn.kept)
    asked = told.answers_request in turn.kept.requests
    by_staff = "referrer" if told.from_referrer else "staff"
    information = Information(
        information_id=turn.cause.id,
        addition=told.addition,
        given_by="partner" if turn.caller.kind == "partner" else by_staff,
        in_words=told.in_words,
        answers_request=told.answers_request if asked else None,
        body=text,
    )
    named = add_information(
        turn.work,
        turn.about,
        before,
        information,
        index=door.intake.platform.blind_index,
        random_child_ids=[secrets.token_bytes(CHILD_ID_OCTETS) for _ in told.addition.subjects],
        cause=turn.cause,
    )
    strange = [_NOBODY] if any(names_nobody(before, one) for one in told.addition.subjects) else []
    unasked = [_NOT_ASKED] if told.answers_request and not asked else []
    return InformationAccepted(
        information_id=information.information_id,
        added_at=turn.work.now,
        subjects=[SubjectNamed(subject_id=one.subject_id, position=one.position) for one in named],
        warnings=warnings_out([*told.warnings, *strange, *unasked]),
    )


def _withdraw(body: WithdrawalIn, turn: Turn) -> WithdrawalAccepted:
    refuse_too_many(len(turn.kept.withdrawals))
    withdrawal = Withdrawal(withdrawal_id=turn.cause.id, reason_code=body.reason_code, words=body.words)
    request_withdrawal(turn.work, turn.about, withdrawal, cause=turn.cause)
    return WithdrawalAccepted(withdrawal_id=withdrawal.withdrawal_id, requested_at=turn.work.now)


def _challenge(body: ChallengeIn, turn: Turn) -> ChallengeAccepted:
    refuse_challenge(referrer_kind=turn.about.told.referrer.kind, decided=turn.kept.decided)
    refuse_too_many(len(turn.kept.challenges))
    subject_ids = challenged_subjects(body.subject_ids, turn.kept.named)
    if subject_ids is None:
        wrong = FieldError("/subject_ids", "unknown_subject", "Name subjects of this contact, by their ids.")
        raise Problem(422, "not_valid", errors=[wrong])
    challenge = Challenge(challenge_id=turn.cause.id, ground=body.ground, words=body.words, subject_ids=subject_ids)
    challenge_decision(turn.work, turn.about, challenge, cause=turn.cause)
    return ChallengeAccepted(
        challenge_id=challenge.challenge_id, challenged_at=turn.work.now, subject_ids=list(subject_ids)
    )


def _one_of(member: str, codes: Mapping[str, str]) -> dict[str, Any]:
    """What the document says of a code: those of the policy in force, and what they mean."""
    meaning = "; ".join(f"{code}: {words}" for code, words in codes.items())
    schema = {"properties": {member: {"enum": list(codes), "description": f"{meaning}."}}}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _known(code: str, codes: Mapping[str, str], member: str) -> None:
    """Raises Problem 422, with what there is, for a code that the policy does not have."""
    if code not in codes:
        wrong = FieldError(f"/{member}", "unknown_code", f"Use one of: {', '.join(sorted(codes))}.")
        raise Problem(422, "not_valid", errors=[wrong])
