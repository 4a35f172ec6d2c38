"""What will be missed next unless somebody acts: the list that operations keeps open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.deadlines.adapters import queries
from services.deadlines.adapters.repositories import Rulebooks
from services.deadlines.bootstrap import Deadlines
from services.deadlines.domain.policy.remaining import share_gone
from services.deadlines.entrypoints import schemas
from shared.database.faults import NotYet
from shared.web import note_look

from .paging import Limit, Staff, page_of, position_from

Code = Annotated[str | None, Query(max_length=80)]


DESCRIPTION = (
    "Running clocks that are watched, in the order they are due: what is missed first stands first, and an urgent"
    " rating's short clocks come to the front by themselves. Missed ones are in the ledger."
)


def router(deadlines: Deadlines) -> APIRouter:
    """The route of the list."""
    routes = APIRouter(prefix="/v1", tags=["watching"])

    @routes.get("/deadlines/next", summary="What will be missed next", description=DESCRIPTION)
    async def get_next(
        *,
        request: Request,
        response: Response,
        caller: Staff,
        kind: Code = None,
        rating: Code = None,
        owner: Code = None,
        agency: Code = None,
        cursor: str | None = None,
        limit: Limit = 100,
    ) -> schemas.NextList:
        async with deadlines.work() as work:
            found = await queries.list_next(
                work.connection,
                most=limit + 1,
                after=position_from(cursor),
                kind=kind,
                rating=rating,
                owner=owner,
                agency=agency,
            )
            page = page_of(request, response, found, limit)
            shown = [row["contact_id"] for row in page]
            await note_look(work, request, caller, action="deadlines.next", contact_ids=shown)
            await work.commit()
        return schemas.NextList(now=work.now, deadlines=[_next(row, work.now, deadlines.rulebooks) for row in page])

    return routes


def _next(row: queries.Row, now: datetime, rulebooks: Rulebooks) -> schemas.NextOut:
    left = (row["due_at"] - now).total_seconds()
    share = _share_gone(row, now, rulebooks)
    return schemas.NextOut.model_validate(dict(row) | {"seconds_left": left, "share_gone": share})


def _share_gone(row: queries.Row, now: datetime, rulebooks: Rulebooks) -> float | None:
    try:
        rulebook = rulebooks.of(row["policy"])
    except NotYet:  # a policy version that is not installed in this process
        return None
    rule = rulebook.pack.clocks.get(row["kind"])
    if rule is None:
        return None
    times = {"starts_at": row["starts_at"], "due_at": row["due_at"], "now": now}
    return share_gone(rule.within, **times, calendar=rulebook.calendar)
