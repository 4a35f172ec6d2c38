"""The ledger of breaches: what was missed, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.deadlines.adapters import queries
from services.deadlines.adapters.repositories import DeadlinesUnitOfWork
from services.deadlines.adapters.repositories.explanations import open_notes
from services.deadlines.bootstrap import Deadlines
from services.deadlines.entrypoints import schemas
from shared.web import AtUtc, Caller, note_look

from .breaches_csv import as_csv
from .paging import Limit, Staff, page_of, position_from
from .spreadsheet import CSV

READS_NOTES = frozenset({"practitioner", "manager"})
Code = Annotated[str | None, Query(max_length=200)]
From = Annotated[AtUtc | None, Query(alias="from", description="Due then or later.")]
To = Annotated[AtUtc | None, Query(description="Due before then.")]
Form = Annotated[Literal["json", "csv"], Query(alias="format", description="CSV is without notes.")]


def _wanted(
    *,
    kind: Code = None,
    rating: Code = None,
    owner: Code = None,
    agency: Code = None,
    organisation_id: Code = None,
    due_from: From = None,
    to: To = None,
    explained: bool | None = None,
    excused: bool | None = None,
) -> queries.Wanted:
    equal = {
        "kind": kind,
        "rating": rating,
        "owner": owner,
        "agency": agency,
        "organisation_id": organisation_id,
    }
    return queries.Wanted(equal=equal, due_from=due_from, due_to=to, explained=explained, excused=excused)


def router(deadlines: Deadlines) -> APIRouter:
    """The route that shows the ledger."""
    routes = APIRouter(prefix="/v1", tags=["watching"])

    @routes.get(
        "/breaches",
        response_model=schemas.BreachList,
        summary="The ledger of breaches, latest first",
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def get_breaches(
        *,
        request: Request,
        response: Response,
        caller: Staff,
        wanted: Annotated[queries.Wanted, Depends(_wanted)],
        cursor: str | None = None,
        limit: Limit = 100,
        form: Form = "json",
    ) -> Response | schemas.BreachList:
        async with deadlines.work() as work:
            found = await queries.list_breaches(
                work.connection, most=limit + 1, before=position_from(cursor), wanted=wanted
            )
            page = page_of(request, response, found, limit)
            shown = await _with_explanations(work, page, caller)
            contact_ids = [row["contact_id"] for row in page]
            await note_look(work, request, caller, action="breaches.list", contact_ids=contact_ids)
            await work.commit()
        if form == "csv":
            return Response(as_csv(shown), media_type=CSV, headers=dict(response.headers))
        return schemas.BreachList(breaches=shown)

    return routes


async def _with_explanations(
    work: DeadlinesUnitOfWork, page: Sequence[queries.Row], caller: Caller
) -> list[schemas.BreachOut]:
    said = await queries.explanations_of(work.connection, [row["id"] for row in page])
    sealed = [
        (one["id"], one["contact_id"], bytes(one["note"]))
        for ones in said.values()
        for one in ones
        if one["note"] is not None and caller.roles & READS_NOTES
    ]
    notes = await open_notes(work, sealed)
    return [
        schemas.BreachOut.model_validate(
            dict(row) | {"explanations": [explanation(one, notes.get(one["id"])) for one in said.get(row["id"], ())]}
        )
        for row in page
    ]


def explanation(row: queries.Row, note: str | None) -> schemas.ExplanationOut:
    """What somebody said, with its words opened for whom may read them."""
    return schemas.ExplanationOut.model_validate(dict(row) | {"note": note})
