"""The deadlines service's REST API: by when, what was missed, what is stuck. It only reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import AwareDatetime

from services.deadlines.adapters import queries
from services.deadlines.bootstrap import Deadlines, open_deadlines
from services.deadlines.domain.model.working_time import CalendarEnds
from services.deadlines.domain.policy.preview import preview
from services.deadlines.entrypoints import schemas
from services.deadlines.settings import read_settings
from shared.process import serve
from shared.web import (
    Caller,
    FieldError,
    Problem,
    allow,
    create_app,
    decode_cursor,
    encode_cursor,
    next_link,
    not_found,
    note_look,
)

DESCRIPTION = "By when: every clock, warning and breach, and what is stuck."
LISTED = 100
Staff = Annotated[Caller, allow("practitioner", "manager", "ops")]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows a page.")]
ReferrerKind = Literal["involved_professional", "professional", "family", "public", "anonymous"]


def make_app(deadlines: Deadlines) -> FastAPI:
    """The application over an open process."""
    platform = deadlines.platform
    return create_app(
        title="MASH deadlines",
        service="deadlines",
        description=DESCRIPTION,
        routers=[make(deadlines) for make in (_clocks, _of_contact, _preview, _watching)],
        verifier=platform.verifier,
        checks=platform.checks(),
        version=platform.version,
        metrics=platform.metrics,
    )


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = read_settings()
    async with open_deadlines(settings) as deadlines:
        await serve(make_app(deadlines), host=settings.common.host, port=settings.common.port, stop=stop)


def _clocks(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["clocks"])

    @routes.get("/deadlines", summary="Clocks, next due first")
    async def get_deadlines(
        *,
        request: Request,
        response: Response,
        caller: Staff,
        state: schemas.State | None = None,
        kind: Annotated[str | None, Query(max_length=80)] = None,
        rating: Annotated[str | None, Query(max_length=80)] = None,
        due_before: AwareDatetime | None = None,
        cursor: str | None = None,
        limit: Limit = 100,
    ) -> schemas.DeadlineList:
        async with deadlines.work() as work:
            found = await queries.list_deadlines(
                work.connection,
                most=limit + 1,
                after=_position(cursor),
                due_before=due_before,
                state=state,
                kind=kind,
                rating=rating,
            )
            page = _page(request, response, found, limit)
            await note_look(
                work, request, caller, action="deadlines.list", contact_ids=[row["contact_id"] for row in page]
            )
            await work.commit()
        return schemas.DeadlineList(deadlines=[_deadline(row) for row in page])

    return routes


def _of_contact(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["clocks"])

    @routes.get("/contacts/{contact_id}/deadlines", summary="One contact's clocks")
    async def get_contact_deadlines(contact_id: UUID, request: Request, caller: Staff) -> schemas.DeadlineList:
        async with deadlines.work() as work:
            found = await queries.deadlines_of(work.connection, contact_id)
            outcome = "refused" if found is None else "shown"
            await note_look(work, request, caller, action="deadlines.read", contact_ids=[contact_id], outcome=outcome)
            await work.commit()
        if found is None:
            raise not_found()
        return schemas.DeadlineList(deadlines=[_deadline(row) for row in found])

    return routes


def _preview(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["clocks"])

    @routes.get("/deadlines/preview", summary="What would be due")
    async def get_preview(
        caller: Staff,  # noqa: ARG001 -- who may ask
        route: Annotated[str, Query(max_length=80)],
        received_at: AwareDatetime,
        referrer_kind: ReferrerKind = "involved_professional",
    ) -> schemas.Preview:
        rulebook = deadlines.rulebooks.active
        if route not in rulebook.pack.routes:
            raise _not_valid("route", "unknown_route", "The active policy has no such route.")
        try:
            found = preview(rulebook, route=route, received_at=received_at, referrer_kind=referrer_kind)
        except CalendarEnds:
            raise _not_valid("received_at", "calendar_ends", "The calendar of bank holidays does not reach.") from None
        return schemas.Preview(
            policy=rulebook.pack.ref,
            route=route,
            received_at=received_at,
            deadlines=[schemas.PreviewOut.model_validate(one, from_attributes=True) for one in found],
        )

    return routes


def _watching(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["watching"])

    @routes.get("/breaches", summary="The ledger of breaches, latest first")
    async def get_breaches(
        request: Request, response: Response, caller: Staff, cursor: str | None = None, limit: Limit = 100
    ) -> schemas.BreachList:
        async with deadlines.work() as work:
            found = await queries.list_breaches(work.connection, most=limit + 1, before=_position(cursor))
            page = _page(request, response, found, limit)
            await note_look(
                work, request, caller, action="breaches.list", contact_ids=[row["contact_id"] for row in page]
            )
            await work.commit()
        return schemas.BreachList(breaches=[schemas.BreachOut.model_validate(dict(row)) for row in page])

    @routes.get("/watchdog", summary="What should have happened and has not")
    async def get_watchdog(request: Request, caller: Staff) -> schemas.Watchdog:
        async with deadlines.work() as work:
            stuck = [
                schemas.StuckOut(
                    what=count.what,
                    contacts=count.contacts,
                    children=count.subjects,
                    listed=[
                        schemas.StuckContact.model_validate(dict(row))
                        for row in await queries.list_stuck(work.connection, count.what, most=LISTED)
                    ],
                )
                for count in await queries.count_stuck(work.connection)
            ]
            shown = [contact.contact_id for one in stuck for contact in one.listed]
            await note_look(work, request, caller, action="watchdog.list", contact_ids=shown)
            await work.commit()
            return schemas.Watchdog(now=work.now, stuck=stuck)

    return routes


def _page(request: Request, response: Response, found: Sequence[queries.Row], limit: int) -> Sequence[queries.Row]:
    """The page, and the Link header where there is more."""
    page = found[:limit]
    if len(found) > limit:
        last = page[-1]
        cursor = encode_cursor({"due": last["due_at"].isoformat(), "id": str(last["id"])})
        response.headers.update(next_link(request, cursor))
    return page


def _position(cursor: str | None) -> queries.Position | None:
    if cursor is None:
        return None
    read = decode_cursor(cursor, keys={"due", "id"})
    try:
        due, row_id = datetime.fromisoformat(str(read["due"])), UUID(str(read["id"]))
    except ValueError:
        due = row_id = None
    if due is None or row_id is None or due.tzinfo is None:
        raise Problem(400, "cursor_invalid", detail="Use the address in the Link header as it is.")
    return due, row_id


def _deadline(row: queries.Row) -> schemas.DeadlineOut:
    steps: list[dict[str, Any]] = [
        {"share": share, "at": at, "fired": place < row["warned"]} for place, (share, at) in enumerate(row["steps"])
    ]
    return schemas.DeadlineOut.model_validate(dict(row) | {"steps": steps})


def _not_valid(field: str, code: str, detail: str) -> Problem:
    return Problem(422, "not_valid", detail=detail, errors=[FieldError(f"/{field}", code, detail, "query")])
