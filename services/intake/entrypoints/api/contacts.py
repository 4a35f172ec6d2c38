"""Partners (and staff who took a call) tell us of a worry, and see what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.intake.adapters import queries
from services.intake.adapters.repositories.tellings import KeptTelling, KeptTellings, read_tellings
from services.intake.domain.model.stages import Shown
from services.intake.entrypoints.schemas.answers import (
    ContactAccepted,
    ContactOut,
    SubjectNamed,
    TellingOut,
    Timeline,
    TimelineEntry,
)
from services.intake.entrypoints.schemas.batch import BatchAnswer, batch_schema
from services.intake.entrypoints.schemas.contact import contact_schema
from shared.web import IDEMPOTENT, MIB, Caller, allow

from .batch import Batch
from .posting import Posting
from .preparing import PATH, Door
from .scope import read_one

Sender = Annotated[Caller, allow("partner", "practitioner", "manager")]
BATCH_PATH = f"{PATH}/batch"
BODY_LIMITS = {BATCH_PATH: 8 * MIB}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def router(door: Door) -> APIRouter:
    """The routes under /v1/contacts that partners use."""
    routes = APIRouter(tags=["contacts"])
    _posting(routes, door)
    _reading(routes, door)
    return routes


def _posting(routes: APIRouter, door: Door) -> None:
    @routes.post(
        PATH,
        status_code=201,
        response_model=ContactAccepted,
        summary="Tell us of a worry",
        openapi_extra={**IDEMPOTENT, **_json(contact_schema())},
    )
    async def post_contact(request: Request, caller: Sender) -> Response:
        return await Posting(door, request, caller).run()

    @routes.post(
        BATCH_PATH,
        response_model=BatchAnswer,
        summary="Tell us of up to 500 worries at once",
        openapi_extra=_json(batch_schema()),
    )
    async def post_batch(request: Request, caller: Sender) -> Response:
        return await Batch(door, request, caller).run()


def _reading(routes: APIRouter, door: Door) -> None:
    intake = door.intake
    questions = intake.platform.pack.questions

    @routes.get(
        f"{PATH}/{{contact_id}}", response_model=ContactOut, summary="One contact as it was sent, and what was added"
    )
    async def get_contact(contact_id: UUID, request: Request, caller: Sender) -> ContactOut:
        one = await read_one(intake, contact_id, request, caller, "contact.read")
        return _contact(one, await _later(door, one))

    @routes.get(
        f"{PATH}/{{contact_id}}/timeline",
        response_model=Timeline,
        response_model_exclude_defaults=True,
        summary="What has happened, as far as you may know",
    )
    async def get_timeline(contact_id: UUID, request: Request, caller: Sender) -> Timeline:
        one = await read_one(intake, contact_id, request, caller, "contact.timeline")
        async with intake.autocommit() as connection:
            progress = await queries.read_progress(connection, contact_id)
        received = TimelineEntry(at=one.accepted_at, what=Shown.RECEIVED)
        return Timeline(reference=one.reference, entries=[received, *_entries(progress, questions)])


async def _later(door: Door, one: queries.KeptContact) -> KeptTellings | None:
    if one.cipher is None:
        return None
    async with door.intake.autocommit() as connection:
        return await read_tellings(connection, one.contact_id, one.cipher)


def _contact(one: queries.KeptContact, later: KeptTellings | None) -> ContactOut:
    return ContactOut(
        id=one.contact_id,
        reference=one.reference,
        received_at=one.received_at,
        accepted_at=one.accepted_at,
        organisation=one.organisation,
        channel=one.channel,
        stage=one.stage,
        subjects=[
            SubjectNamed(subject_id=each.subject_id, position=each.position) for each in (later.named if later else ())
        ],
        told=one.told or {},
        information=[
            _telling(each, queries.as_sent(each.what or "{}")) for each in (later.information if later else ())
        ],
        withdrawals=[_worded(each, "reason_code") for each in (later.withdrawals if later else ())],
        challenges=[_worded(each, "ground") for each in (later.challenges if later else ())],
    )


def _worded(each: KeptTelling, code: str) -> TellingOut:
    words = {"words": json.loads(json.dumps(each.what))} if each.what is not None else {}
    about = {"subject_ids": [str(one) for one in each.about]} if each.about else {}
    return _telling(each, {code: each.code, **words, **about})


def _telling(each: KeptTelling, told: dict[str, Any]) -> TellingOut:
    return TellingOut(id=each.id, at=each.at, told=told, given_by=each.given_by)


def _entries(progress: Iterable[queries.Progress], questions: Mapping[str, str]) -> list[TimelineEntry]:
    """What a partner may know, in the words of Shown and the pack's questions; anything else is not shown."""
    return [
        TimelineEntry(
            at=one.at,
            what=one.what,
            request_id=one.about if one.what == Shown.INFORMATION_REQUESTED else None,
            questions=[questions.get(code, code) for code in one.codes],
            challenge_id=one.about if one.what == Shown.CHALLENGE_ANSWERED else None,
        )
        for one in progress
        if one.what in set(Shown)
    ]
