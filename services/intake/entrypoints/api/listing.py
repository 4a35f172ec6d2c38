"""A partner's contacts in pages: newest first, and nothing moves between two pages when new ones come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.intake.adapters import queries
from services.intake.bootstrap import Intake
from services.intake.domain.model.stages import Stage
from services.intake.entrypoints.schemas.answers import ContactList, ContactRow
from services.intake.entrypoints.schemas.parts import Moment
from shared.web import Caller, Problem, allow, decode_cursor, encode_cursor, next_link, note_look

from .preparing import SENDER_REFERENCE
from .scope import own

Reader = Annotated[Caller, allow("partner", "practitioner", "manager")]
PAGE, LARGEST_PAGE = 50, 200
_LINK = {200: {"headers": {"Link": {"description": 'The next page: rel="next".', "schema": {"type": "string"}}}}}


def router(intake: Intake) -> APIRouter:
    """The list."""
    routes = APIRouter(prefix="/v1/contacts", tags=["contacts"])

    @routes.get("", response_model=ContactList, responses=_LINK, summary="Your contacts, newest first")  # type: ignore[arg-type]
    async def list_contacts(
        request: Request,
        caller: Reader,
        *,
        stage: Stage | None = None,
        since: Annotated[Moment | None, Query(description="Accepted then or later.")] = None,
        until: Annotated[Moment | None, Query(description="Accepted before then.")] = None,
        sender_reference: Annotated[str | None, Query(max_length=1000, description="Exactly yours.")] = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
        cursor: str | None = None,
    ) -> Response:
        index = intake.platform.blind_index
        wanted = queries.Wanted(
            organisation=own(caller),
            stage=stage,
            since=since,
            until=until,
            sender_index=index.of(SENDER_REFERENCE, sender_reference) if sender_reference is not None else None,
            before=_before(cursor),
        )
        return await _page(intake, request, caller, wanted, limit=limit)

    return routes


async def _page(intake: Intake, request: Request, caller: Caller, wanted: queries.Wanted, *, limit: int) -> Response:
    async with intake.work() as work:
        found = await queries.list_contacts(work.connection, wanted, most=limit + 1)
        page = found[:limit]
        await note_look(work, request, caller, action="contacts.list", contact_ids=[one.contact_id for one in page])
        await work.commit()
    rows = [_row(one).model_dump(mode="json") for one in page]
    headers = next_link(request, _cursor(page[-1])) if len(found) > len(page) else {}
    return JSONResponse({"contacts": rows}, headers=headers)


def _row(one: queries.KeptContact) -> ContactRow:
    return ContactRow(
        id=one.contact_id,
        reference=one.reference,
        received_at=one.received_at,
        accepted_at=one.accepted_at,
        stage=one.stage,
    )


def _cursor(last: queries.KeptContact) -> str:
    return encode_cursor({"at": last.accepted_at.isoformat(), "id": str(last.contact_id)})


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    read = decode_cursor(cursor, keys={"at", "id"})
    try:
        at, contact_id = datetime.fromisoformat(str(read["at"])), UUID(str(read["id"]))
        if at.tzinfo is None:
            raise _strange_cursor()
        return at.astimezone(UTC), contact_id
    except (ValueError, OverflowError):
        raise _strange_cursor() from None


def _strange_cursor() -> Problem:
    return Problem(400, "cursor_invalid", detail="Use the address in the Link header as it is.")
