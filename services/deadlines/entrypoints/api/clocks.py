"""Clocks: all of them, one contact's, and what would be due."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.deadlines.adapters import queries
from services.deadlines.bootstrap import Deadlines
from services.deadlines.domain.model.working_time import CalendarEnds
from services.deadlines.domain.policy.preview import preview
from services.deadlines.entrypoints import schemas
from shared.web import AtUtc, not_found, note_look

from .paging import Limit, Staff, not_valid, page_of, position_from

ReferrerKind = Literal["involved_professional", "professional", "family", "public", "anonymous"]


def router(deadlines: Deadlines) -> APIRouter:
    """The routes that show clocks."""
    routes = APIRouter()
    for part in (_clocks, _of_contact, _preview):
        routes.include_router(part(deadlines))
    return routes


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
        due_before: AtUtc | None = None,
        cursor: str | None = None,
        limit: Limit = 100,
    ) -> schemas.DeadlineList:
        async with deadlines.work() as work:
            found = await queries.list_deadlines(
                work.connection,
                most=limit + 1,
                after=position_from(cursor),
                due_before=due_before,
                state=state,
                kind=kind,
                rating=rating,
            )
            page = page_of(request, response, found, limit)
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
        received_at: AtUtc,
        referrer_kind: ReferrerKind = "involved_professional",
    ) -> schemas.Preview:
        async with deadlines.work() as work:  # which takes up a calendar that was approved meanwhile
            rulebook = work.rulebooks.active
        if route not in rulebook.pack.routes:
            raise not_valid("route", "unknown_route", "The active policy has no such route.")
        try:
            found = preview(rulebook, route=route, received_at=received_at, referrer_kind=referrer_kind)
        except (CalendarEnds, OverflowError):  # the latter: hours after the last of the year 9999
            raise not_valid("received_at", "calendar_ends", "The calendar of bank holidays does not reach.") from None
        return schemas.Preview(
            policy=rulebook.pack.ref,
            route=route,
            received_at=received_at,
            deadlines=[schemas.PreviewOut.model_validate(one, from_attributes=True) for one in found],
        )

    return routes


def _deadline(row: queries.Row) -> schemas.DeadlineOut:
    steps: list[dict[str, Any]] = [
        {"share": share, "at": at, "fired": place < row["warned"]} for place, (share, at) in enumerate(row["steps"])
    ]
    after: list[dict[str, Any]] = [
        {"rung": rung, "at": at, "fired": place < row["escalated"]}
        for place, (rung, at) in enumerate(row["escalations"])
    ]
    return schemas.DeadlineOut.model_validate(dict(row) | {"steps": steps, "escalations": after})
