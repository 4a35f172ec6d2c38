"""A partner reads what was said to it: the words behind a notice by webhook, which itself carries none."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request

from services.notify.adapters import queries
from services.notify.adapters.channels.addressing import Addressed
from services.notify.adapters.channels.wordings import take_newest
from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands.delivering import Errand
from services.notify.bootstrap import Notify
from services.notify.domain.model import Contact, Kind, Message, State
from services.notify.domain.policy import owed, routing
from services.notify.domain.policy.wording import CannotWrite
from services.notify.entrypoints.schemas import LetterOut
from shared.web import Caller, Problem, allow, not_found, note_look

Partner = Annotated[Caller, allow("partner")]


def router(notify: Notify) -> APIRouter:
    """The route under /v1/notifications."""
    routes = APIRouter(prefix="/v1/notifications", tags=["webhooks"])

    @routes.get("/{notification_id}/letter", response_model=LetterOut, summary="What this message to you says")
    async def get_letter(notification_id: UUID, request: Request, caller: Partner) -> LetterOut:
        """Of your own organisation's contacts, and only where a professional made them."""
        async with notify.work() as work:
            found = await _found(work, notification_id, caller)
            contacts = [] if found is None else [found[0].contact_id]
            newer = found is not None and not found[0].tells_what_stands(found[1].tells)
            answer = None if found is None or newer else await _written(notify, work, *found)
            outcome = "refused" if answer is None else "shown"
            await note_look(work, request, caller, action="letter.read", contact_ids=contacts, outcome=outcome)
            await work.commit()
        if newer:
            detail = "Something newer has been decided: read the message that tells it."
            raise Problem(410, "newer_decision", detail=detail)
        if answer is None:
            raise not_found()
        return answer

    return routes


async def _found(work: NotifyUnitOfWork, message_id: UUID, caller: Caller) -> tuple[Contact, Message] | None:
    row = await queries.one_message(work.connection, message_id)
    if row is None:
        return None
    await work.lock([row["contact_id"]])
    contact, message = work.contacts.of(row["contact_id"]), work.messages.of(row["contact_id"]).get(message_id)
    own = caller.organisation is not None and contact.organisation_id == caller.organisation
    by_profession = contact.referrer_kind in owed.PROFESSIONALS
    if message is None or not (own and by_profession and message.to_referrer and message.template):
        return None
    if message.state is State.SUPERSEDED or message.kind is Kind.ALERT:
        return None
    return contact, _as_it_stands(contact, message)


def _as_it_stands(contact: Contact, message: Message) -> Message:
    """The answer to a challenge says what stands when it is read, as it does when it is sent: no newer message holds
    the answer. Any other message tells what it told. The one that is kept stays as it is.
    """
    if message.kind is Kind.ANSWER and message.tells_outcome:
        return replace(message, tells=contact.versions())
    return message


async def _written(notify: Notify, work: NotifyUnitOfWork, contact: Contact, message: Message) -> LetterOut | None:
    """As it would go out by e-mail now, with what it has told; None where it cannot be put into words."""
    writer = notify.writer()
    await take_newest(work, writer.templates)
    errand = Errand(message=message, contact=contact, token=uuid4())
    try:
        letter = writer.letter(errand, Addressed(reach=routing.EMAIL, to=""))
    except CannotWrite:
        return None
    return LetterOut(
        id=message.id,
        contact_id=contact.contact_id,
        reference=contact.reference,
        kind=message.kind,
        subject=letter.subject,
        body=letter.body,
    )
