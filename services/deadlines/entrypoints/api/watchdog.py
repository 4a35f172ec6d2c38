"""What should have happened and has not."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.deadlines.adapters import queries
from services.deadlines.bootstrap import Deadlines
from services.deadlines.entrypoints import schemas
from shared.web import note_look

from .paging import Staff

LISTED = 100


def router(deadlines: Deadlines) -> APIRouter:
    """The route of the watchdog."""
    routes = APIRouter(prefix="/v1", tags=["watching"])

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
