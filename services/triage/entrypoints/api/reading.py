"""What staff read: the queue, a case with its reasons, its history. Each look leaves an audit row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.triage.adapters import queries
from services.triage.adapters.queries import Place, Wanted
from services.triage.adapters.repositories.rows import document
from services.triage.application.commands.gathering import ONESELF
from services.triage.domain.model import Stage
from services.triage.entrypoints.api import showing, showing_gathered
from services.triage.entrypoints.api.turn import Here, read_case
from services.triage.entrypoints.schemas import gathered, lists, views
from shared.web import (
    AtUtc,
    Caller,
    FieldError,
    Problem,
    allow,
    decode_cursor,
    encode_cursor,
    etag,
    next_link,
    note_look,
)

Staff = Annotated[Caller, allow("practitioner", "manager")]
_PLACE = ("tier", "rank", "at", "id")

router = APIRouter(tags=["triage"])


@router.get("/v1/triage", response_model=lists.Queue, summary="The queue")
async def read_queue(
    *,
    request: Request,
    caller: Staff,
    triage: Here,
    rating: Annotated[str | None, Query(max_length=80)] = None,
    stage: Annotated[list[Stage] | None, Query()] = None,
    team: Annotated[str | None, Query(max_length=80)] = None,
    worker: Annotated[str | None, Query(max_length=200, description="An id, or `me`.")] = None,
    due_before: AtUtc | None = None,
    unassigned: Annotated[bool | None, Query()] = None,
    breached: Annotated[bool | None, Query()] = None,
    duplicates: Annotated[bool, Query(description="Those that are worked on elsewhere, instead.")] = False,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Contacts at work: what nobody could rate or what asks for attention (whatever its stage) first, by rank; then
    what has no clock yet by rank, then by the next clock. A duplicate is worked on as its primary.
    """
    _refuse_unknown_code("rating", rating, triage.platform.pack.ratings)
    _refuse_unknown_code("team", team, triage.platform.pack.teams)
    wanted = Wanted(
        stages=stage or (),
        rating=rating,
        team=team,
        worker=caller.subject if worker == ONESELF else worker,
        due_before=due_before,
        unassigned=unassigned,
        breached=breached,
        duplicates=duplicates,
    )
    async with triage.work() as work:
        found = await queries.read_queue(work.connection, wanted, after=_place(cursor), most=limit + 1)
        shown = found[:limit]
        await note_look(
            work, request, caller, contact_ids=[row.contact_id for row in shown], action="queue.read", outcome="shown"
        )
        await work.commit()
    return _queue_page(request, shown, more=len(found) > limit)


def _queue_page(request: Request, shown: Sequence[Any], *, more: bool) -> Response:
    page = lists.Queue(contacts=[showing.queued(row) for row in shown])
    headers = next_link(request, _cursor(shown[-1])) if more else None
    return JSONResponse(page.model_dump(mode="json"), headers=headers)


@router.get("/v1/triage/{contact_id}", response_model=views.CaseView, summary="One contact, with the reasons")
async def read_contact(contact_id: UUID, request: Request, caller: Staff, triage: Here) -> Response:
    """Everything triage knows: ratings with their reasons, decisions, discussions. The ETag is for the next write."""
    async with triage.work() as work:
        case = await read_case(work, request, caller, contact_id, action="case.read")
        shown = showing.whole(case, work.pack, work.cipher(contact_id), now=work.now)
        await work.commit()
    return JSONResponse(shown.model_dump(mode="json"), headers={"ETag": etag(case.version)})


@router.get("/v1/triage/{contact_id}/checks", response_model=gathered.Checks, summary="What agencies were asked")
async def read_checks(contact_id: UUID, request: Request, caller: Staff, triage: Here) -> Response:
    """Each check with why it was asked, its due time and lateness, reminders and answers."""
    async with triage.work() as work:
        case = await read_case(work, request, caller, contact_id, action="checks.read")
        cipher = work.cipher(contact_id)
        shown = [showing_gathered.check(one, cipher, now=work.now) for one in case.checks]
        await work.commit()
    page = gathered.Checks(contact_id=contact_id, checks=shown)
    return JSONResponse(page.model_dump(mode="json"), headers={"ETag": etag(case.version)})


@router.get("/v1/triage/{contact_id}/history", response_model=lists.History, summary="What was done, by whom, when")
async def read_history(contact_id: UUID, request: Request, caller: Staff, triage: Here) -> Response:
    """The history only grows: ratings, decisions also where they were refused or replaced, with people's reasons."""
    async with triage.work() as work:
        await read_case(work, request, caller, contact_id, action="history.read")
        found = await queries.read_history(work.connection, contact_id)
        cipher = work.cipher(contact_id)
        entries = [showing.entry(row, document(row.codes), cipher) for row in found]
        await work.commit()
    return JSONResponse(lists.History(contact_id=contact_id, entries=entries).model_dump(mode="json"))


def _refuse_unknown_code(name: str, code: str | None, known: Mapping[str, object]) -> None:
    if code is not None and code not in known:
        raise Problem(422, "not_valid", errors=[FieldError(f"/{name}", f"unknown_{name}", f"No such {name}.", "query")])


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    kept = decode_cursor(cursor, keys=_PLACE)
    try:
        return Place(
            tier=_small(kept["tier"], 2**15),
            rank=_small(kept["rank"], 2**31),
            at=datetime.fromisoformat(str(kept["at"])).astimezone(UTC),
            contact_id=UUID(str(kept["id"])),
        )
    except (ValueError, OverflowError):
        raise Problem(400, "cursor_invalid", detail="This cursor is not one of ours.") from None


def _small(value: object, bound: int) -> int:
    """A number that its column can hold. Raises ValueError for any other."""
    number = int(str(value))
    if not -bound <= number < bound:
        raise ValueError
    return number


def _cursor(row: Any) -> str:
    return encode_cursor(
        {"tier": row.queue_tier, "rank": row.queue_rank, "at": row.queue_at.isoformat(), "id": str(row.contact_id)}
    )
