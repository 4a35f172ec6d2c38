"""What the routes of the calendars answer, and how they refuse."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from services.deadlines.adapters import queries
from services.deadlines.adapters.repositories import DeadlinesUnitOfWork
from services.deadlines.application.commands.calendars import ListChanged, NoSuchVersion, Proposal, ProposalOpen
from services.deadlines.domain.model.calendar import (
    CalendarVersion,
    NotProposed,
    OwnProposal,
    ProposalRefused,
    in_force,
)
from services.deadlines.entrypoints import schemas
from shared.web import Caller, FieldError, Once, Problem, encode_cursor, next_link, not_found, note_look, problem_for

FIRST_PAGE = 100
TOLD = 100
"""Changes of a list that an answer names one by one."""
_WHY = {
    "ends_earlier": "A calendar does not become shorter: clocks are counted by what it has.",
    "not_closed": "The hub is not closed on one of these days.",
    "closed_already": "The hub is closed on one of these days already.",
    "outside_the_calendar": "One of these days lies outside the calendar: give a later end as well.",
    "year_without_days": "Give the days of every year up to the new end.",
    "nothing_changes": "Nothing would be different.",
    "counts_too_late": "It would count only after the end of the calendar: check the year.",
    "ends_before_a_running_clock": "A running clock would be due after its end: give a later end as well.",
}
_HAVE_CHANGED = {
    "added": "This deadline would move as well.",
    "gone": "This deadline would not move any more.",
    "other_due": "This deadline would move to another time.",
}


@contextmanager
def refused() -> Generator[None]:
    """Refusals of the calendars as problems that say what to do."""
    try:
        yield
    except NoSuchVersion:
        raise not_found() from None
    except ProposalOpen as error:
        raise Problem(409, error.code, detail="Another proposal is open: approve or reject it first.") from None
    except NotProposed as error:
        raise Problem(409, error.code, detail="This version is settled; a change is a new proposal.") from None
    except OwnProposal as error:
        raise Problem(403, error.code, detail="Somebody else than proposed it approves it.") from None
    except ProposalRefused as error:
        wrong = FieldError(f"/{error.field}" if error.field else "", error.code, _WHY[error.code])
        raise Problem(422, error.code, detail=_WHY[error.code], errors=[wrong]) from None


def seen_by(request: Request) -> str:
    """The list that the approver has seen. Raises Problem 428 without If-Match; `*` has seen nothing."""
    header = request.headers.get("if-match", "").strip()
    if not header or header == "*":
        raise problem_for(428)
    return header.strip('"')


def calendar(version: CalendarVersion, *, in_force: bool) -> schemas.CalendarOut:
    """A version as it is shown."""
    shown = {name: getattr(version, name) for name in schemas.CalendarOut.model_fields if name != "in_force"}
    shown["days"] = [schemas.ClosedDayOut.model_validate(day, from_attributes=True) for day in version.days]
    return schemas.CalendarOut(in_force=in_force, **shown)


async def page(
    work: DeadlinesUnitOfWork,
    request: Request,
    proposal: Proposal,
    *,
    status: int = 200,
    limit: int = FIRST_PAGE,
    after: queries.Position | None = None,
) -> tuple[JSONResponse, list[UUID]]:
    """A page of the list with the ETag of all of it, and the contacts that it names."""
    left = [one for one in proposal.moves if after is None or (one.old_due_at, one.deadline_id) > after]
    shown = left[:limit]
    headers = {"ETag": f'"{proposal.seen}"'}
    if len(left) > limit and request.method == "GET":
        last = shown[-1]
        headers |= next_link(request, encode_cursor({"due": last.old_due_at.isoformat(), "id": str(last.deadline_id)}))
    references = await work.calendars.references([one.contact_id for one in shown])
    versions = await work.calendars.newest(proposal.version.calendar)
    body = schemas.ProposalOut(
        calendar=calendar(proposal.version, in_force=proposal.version == in_force(versions, work.now)),
        would_move=len(proposal.moves),
        moves=[
            schemas.MoveOut.model_validate(
                {name: getattr(one, name) for name in one.__slots__} | {"reference": references.get(one.contact_id)}
            )
            for one in shown
        ],
    )
    return JSONResponse(body.model_dump(mode="json"), status, headers), [one.contact_id for one in shown]


async def finish(
    work: DeadlinesUnitOfWork,
    request: Request,
    caller: Caller,
    once: Once,
    proposal: Proposal,
    *,
    action: str,
    status: int = 200,
) -> Response:
    """Commits a write with its audit row and its answer, so that a retry gets the same one."""
    answer, contact_ids = await page(work, request, proposal, status=status)
    await note_look(work, request, caller, action=action, contact_ids=contact_ids, outcome="done")
    await once.keep(answer)
    await work.commit()
    return answer


async def list_changed(
    work: DeadlinesUnitOfWork, request: Request, caller: Caller, once: Once, changed: ListChanged
) -> Problem:
    """409 with what has changed since the list was shown. The list as it is now counts as shown from here on."""
    errors = [
        FieldError(f"/moves/{one.deadline_id}", one.what, _HAVE_CHANGED[one.what]) for one in changed.changes[:TOLD]
    ]
    await once.keep(Response(status_code=409))
    await note_look(work, request, caller, action="calendar.approved", contact_ids=[], outcome="refused")
    await work.commit()
    detail = (
        f"The list is not the one you saw: {len(changed.changes)} deadlines differ from the last time it was shown."
        f" It has {len(changed.proposal.moves)} now. Read it again, then approve with its ETag."
    )
    return Problem(409, "list_changed", detail=detail, errors=errors, headers={"ETag": f'"{changed.proposal.seen}"'})
