"""The ledger of breaches."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.deadlines.adapters import queries
from services.deadlines.bootstrap import Deadlines
from services.deadlines.entrypoints import schemas
from shared.web import note_look

from .paging import Limit, Staff, page_of, position_from


def router(deadlines: Deadlines) -> APIRouter:
    """The routes of the ledger."""
    routes = APIRouter(prefix="/v1", tags=["watching"])

    @routes.get("/breaches", summary="The ledger of breaches, latest first")
    async def get_breaches(
        request: Request, response: Response, caller: Staff, cursor: str | None = None, limit: Limit = 100
    ) -> schemas.BreachList:
        async with deadlines.work() as work:
            found = await queries.list_breaches(work.connection, most=limit + 1, before=position_from(cursor))
            page = page_of(request, response, found, limit)
            await note_look(
                work, request, caller, action="breaches.list", contact_ids=[row["contact_id"] for row in page]
            )
            await work.commit()
        return schemas.BreachList(breaches=[schemas.BreachOut.model_validate(dict(row)) for row in page])

    return routes
