"""The mailbox of the embedded run: what was sent, as its receivers see it. There is none where mail really goes out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.notify.adapters.channels.mailbox import Mailbox
from services.notify.bootstrap import Notify
from services.notify.entrypoints.schemas import MailboxOut, PostedOut
from shared.web import Caller, allow, not_found, note_look

Looker = Annotated[Caller, allow("manager", "ops", "admin")]


def router(notify: Notify, mailbox: Mailbox) -> APIRouter:
    """The routes of /v1/mailbox; development only."""
    routes = APIRouter(prefix="/v1/mailbox", tags=["development"])

    @routes.get("", response_model=MailboxOut, summary="What was sent, newest first (development only)")
    async def list_mailbox(
        request: Request, caller: Looker, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> MailboxOut:
        posted = await mailbox.newest(limit)
        await _noted(notify, request, caller, "shown")
        return MailboxOut(messages=[PostedOut.model_validate(each, from_attributes=True) for each in posted])

    @routes.get("/{message_id}", response_model=PostedOut, summary="One e-mail (development only)")
    async def get_mail(message_id: UUID, request: Request, caller: Looker) -> PostedOut:
        posted = await mailbox.one(message_id)
        await _noted(notify, request, caller, "refused" if posted is None else "shown")
        if posted is None:
            raise not_found()
        return PostedOut.model_validate(posted, from_attributes=True)

    return routes


async def _noted(notify: Notify, request: Request, caller: Caller, outcome: str) -> None:
    async with notify.work() as work:
        await note_look(work, request, caller, action="mailbox.read", contact_ids=[], outcome=outcome)
        await work.commit()
