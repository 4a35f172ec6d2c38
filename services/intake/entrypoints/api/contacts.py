"""Partners (and staff who took a call) tell us of a worry, and see what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.intake.adapters import queries
from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.answers import (
    ContactAccepted,
    ContactList,
    ContactOut,
    ContactRow,
    Timeline,
    TimelineEntry,
)
from services.intake.entrypoints.schemas.contact import contact_schema
from services.intake.entrypoints.schemas.reading import Reader
from shared.web import Caller, Problem, allow, decode_cursor, encode_cursor, next_link, note_look

from .posting import Posting
from .scope import own, read_one

Sender = Annotated[Caller, allow("partner", "practitioner", "manager")]


def router(intake: Intake) -> APIRouter:
    """The routes under /v1/contacts that partners use."""
    routes = APIRouter(prefix="/v1/contacts", tags=["contacts"])
    production = intake.platform.settings.environment == "production"
    reader = Reader(indicators=intake.platform.pack.indicators, production=production)

    @routes.post(
        "",
        status_code=201,
        response_model=ContactAccepted,
        summary="Tell us of a worry",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": contact_schema()}}}
        },
    )
    async def post_contact(request: Request, caller: Sender) -> Response:
        return await Posting(intake, reader, request, caller).run()

    @routes.get("", response_model=ContactList, summary="Your contacts, newest first")
    async def list_contacts(request: Request, caller: Sender, cursor: str | None = None) -> Response:
        return await _page(intake, request, caller, before=_before(cursor))

    @routes.get("/{contact_id}", response_model=ContactOut, summary="One contact as it was sent")
    async def get_contact(contact_id: UUID, request: Request, caller: Sender) -> ContactOut:
        one = await read_one(intake, contact_id, request, caller, "contact.read")
        return ContactOut(id=one.contact_id, told=one.told or {}, **_common(one))

    @routes.get("/{contact_id}/timeline", response_model=Timeline, summary="What has happened, as far as you may know")
    async def get_timeline(contact_id: UUID, request: Request, caller: Sender) -> Timeline:
        one = await read_one(intake, contact_id, request, caller, "contact.timeline")
        async with intake.autocommit() as connection:
            entries = await queries.read_progress(connection, contact_id)
        said = [TimelineEntry(at=one.accepted_at, what="received")]
        return Timeline(
            reference=one.reference, entries=said + [TimelineEntry(at=at, what=what) for at, what in entries]
        )

    return routes


async def _page(intake: Intake, request: Request, caller: Caller, *, before: tuple[datetime, UUID] | None) -> Response:
    async with intake.work() as work:
        found = await queries.list_contacts(work.connection, organisation=own(caller), before=before)
        page = found[: queries.PAGE]
        await note_look(work, request, caller, action="contacts.list", contact_ids=[one.contact_id for one in page])
        await work.commit()
    rows = [_row(one).model_dump(mode="json") for one in page]
    headers = next_link(request, _cursor(page[-1])) if len(found) > len(page) else {}
    return JSONResponse({"contacts": rows}, headers=headers)


def _common(one: queries.KeptContact) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "received_at": one.received_at,
        "accepted_at": one.accepted_at,
        "organisation": one.organisation,
        "channel": one.channel,
        "stage": one.stage,
    }


def _row(one: queries.KeptContact) -> ContactRow:
    return ContactRow(id=one.contact_id, reference=one.reference, received_at=one.received_at, stage=one.stage)


def _cursor(last: queries.KeptContact) -> str:
    return encode_cursor({"at": last.accepted_at.isoformat(), "id": str(last.contact_id)})


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    read = decode_cursor(cursor, keys={"at", "id"})
    try:
        return datetime.fromisoformat(str(read["at"])), UUID(str(read["id"]))
    except ValueError:
        raise Problem(400, "cursor_invalid", detail="Use the address in the Link header as it is.") from None
