"""Calendars of closed days: what clocks count by, what a change would move, and who approves it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.deadlines.adapters.repositories import DeadlinesUnitOfWork
from services.deadlines.adapters.repositories.calendars import shipped_calendars, shipped_version
from services.deadlines.application.commands.calendars import (
    ListChanged,
    approve_calendar,
    end_proposal,
    named,
    propose_calendar,
    show_proposal,
)
from services.deadlines.bootstrap import Deadlines
from services.deadlines.domain.model.calendar import CalendarChange, ClosedDay, DayKind, in_force
from services.deadlines.entrypoints import schemas
from shared.web import IDEMPOTENT, Caller, allow, begin_once, note_look

from . import calendar_answers as answers
from .paging import Limit, position_from

Reader = Annotated[Caller, allow("practitioner", "manager", "ops", "admin")]
Keeper = Annotated[Caller, allow("manager", "admin")]
Ref = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9-]{0,60}@[1-9][0-9]{0,5}$", examples=["england-and-wales@2"], max_length=70)
]


def router(deadlines: Deadlines) -> APIRouter:
    """The routes of /v1/calendars."""
    routes = APIRouter()
    for part in (_reading, _proposing, _approving, _ending):
        routes.include_router(part(deadlines))
    return routes


def _reading(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1/calendars", tags=["calendars"])

    @routes.get("", summary="The calendars that working time is counted by")
    async def get_calendars(request: Request, caller: Reader) -> schemas.CalendarList:
        shown: list[schemas.CalendarOut] = []
        async with await deadlines.calendar_work() as work:
            for name in shipped_calendars(deadlines.platform.settings.policies_directory):
                versions = await work.calendars.newest(name)
                now_in_force = in_force(versions, work.now)
                shown += [answers.calendar(one, in_force=one == now_in_force) for one in versions]
            await note_look(work, request, caller, action="calendars.list", contact_ids=[])
            await work.commit()
        return schemas.CalendarList(calendars=shown)

    @routes.get("/{ref}", response_model=schemas.ProposalOut, summary="One version, and what it would move")
    async def get_calendar(
        ref: Ref, request: Request, caller: Reader, cursor: str | None = None, limit: Limit = 100
    ) -> Response:
        after = position_from(cursor)
        async with await deadlines.calendar_work() as work:
            with answers.refused():
                proposal = await show_proposal(work, await named(work, *_parts(ref), locked=True))
            answer, contact_ids = await answers.page(work, request, proposal, limit=limit, after=after)
            await note_look(work, request, caller, action="calendar.read", contact_ids=contact_ids)
            await work.commit()
        return answer

    return routes


def _proposing(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1/calendars", tags=["calendars"])

    @routes.post(
        "",
        status_code=201,
        response_model=schemas.ProposalOut,
        summary="Propose a change of the days on which the hub is closed",
        description="Nothing counts by it yet. The answer lists the running deadlines that it would move.",
        openapi_extra=IDEMPOTENT,
    )
    async def post_calendar(body: schemas.CalendarIn, request: Request, caller: Keeper) -> Response:
        async with await deadlines.calendar_work() as work:
            once = await begin_once(work.connection, request, caller, cipher=deadlines.platform.idempotency_cipher)
            if once.answer is not None:
                return once.answer
            with answers.refused():
                change = _change(deadlines, body, work)
                proposal = await propose_calendar(work, body.calendar, change, by=caller.subject)
            return await answers.finish(work, request, caller, once, proposal, action="calendar.proposed", status=201)

    return routes


def _approving(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1/calendars", tags=["calendars"])

    @routes.post(
        "/{ref}/approval",
        response_model=schemas.ProposalOut,
        summary="Approve a proposed calendar",
        description="By another person than proposed it, with the ETag of the list seen as If-Match. Running clocks"
        " are then counted anew, within seconds; a breach already made stays.",
        openapi_extra=IDEMPOTENT,
    )
    async def post_approval(ref: Ref, request: Request, caller: Keeper) -> Response:
        async with await deadlines.calendar_work() as work:
            once = await begin_once(work.connection, request, caller, cipher=deadlines.platform.idempotency_cipher)
            if once.answer is not None:
                return once.answer
            with answers.refused():
                await named(work, *_parts(ref))
                seen = answers.seen_by(request)
                try:
                    proposal = await approve_calendar(work, *_parts(ref), by=caller.subject, seen=seen)
                except ListChanged as changed:
                    raise await answers.list_changed(work, request, caller, once, changed) from None
            return await answers.finish(work, request, caller, once, proposal, action="calendar.approved")

    return routes


def _ending(deadlines: Deadlines) -> APIRouter:
    routes = APIRouter(prefix="/v1/calendars", tags=["calendars"])

    @routes.post(
        "/{ref}/rejection",
        response_model=schemas.ProposalOut,
        summary="Reject a proposed calendar, or withdraw one's own",
        openapi_extra=IDEMPOTENT,
    )
    async def post_rejection(ref: Ref, request: Request, caller: Keeper) -> Response:
        async with await deadlines.calendar_work() as work:
            once = await begin_once(work.connection, request, caller, cipher=deadlines.platform.idempotency_cipher)
            if once.answer is not None:
                return once.answer
            with answers.refused():
                proposal = await end_proposal(work, *_parts(ref), by=caller.subject)
            return await answers.finish(work, request, caller, once, proposal, action="calendar.rejected")

    return routes


def _parts(ref: str) -> tuple[str, int]:
    calendar, _, version = ref.partition("@")
    return calendar, int(version)


def _change(deadlines: Deadlines, body: schemas.CalendarIn, work: DeadlinesUnitOfWork) -> CalendarChange:
    directory = deadlines.platform.settings.policies_directory
    known = body.calendar in shipped_calendars(directory)
    return CalendarChange(
        add=tuple(
            ClosedDay(date=day.date, name=day.name, kind=DayKind(day.kind), one_off=day.one_off, local=True)
            for day in body.add
        ),
        remove=frozenset(body.remove),
        last=body.last,
        shipped=shipped_version(directory, body.calendar) if body.take_shipped and known else None,
        effective_from=max(body.effective_from or work.now, work.now),
    )
