"""Staff attest that they told the referrer themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.notify.adapters import queries
from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands.telling import NoSuchMessage, NothingToTell, NotThereThen, attest_told
from services.notify.bootstrap import Notify
from services.notify.domain.model import NotAllowed
from services.notify.entrypoints.schemas import ToldIn, ToldOut
from shared.web import Caller, FieldError, Problem, allow, begin_once, not_found, note_look

from .common import notification, refusal

Staff = Annotated[Caller, allow("practitioner", "manager")]
AHEAD = timedelta(minutes=1)
NOTHING = "Every message to this referrer has been sent or told already, or came up after told_at."


def router(notify: Notify) -> APIRouter:
    """The route under /v1/contacts."""
    routes = APIRouter(prefix="/v1/contacts", tags=["telling"])

    @routes.post(
        "/{contact_id}/told",
        status_code=201,
        response_model=ToldOut,
        summary="I have told the referrer",
        description="Settles the referrer's messages that were open then as told by a person; the proof is your word.",
    )
    async def post_told(contact_id: UUID, body: ToldIn, request: Request, caller: Staff) -> Response:
        cipher = notify.platform.idempotency_cipher
        async with notify.work() as work:
            once = await begin_once(work.connection, request, caller, cipher=cipher)
            if once.answer is not None:
                return once.answer
            known = await queries.knows_contact(work.connection, contact_id)
            await note_look(
                work,
                request,
                caller,
                action="contact.told",
                contact_ids=[contact_id],
                outcome="done" if known else "refused",
            )
            answer = await _told(work, contact_id, body, caller, once.id) if known else JSONResponse(None, 404)
            await once.keep(answer)
            await work.commit()
        if not known:
            raise not_found()
        return answer

    return routes


async def _told(work: NotifyUnitOfWork, contact_id: UUID, body: ToldIn, caller: Caller, once_id: UUID) -> Response:
    if body.told_at > work.now + AHEAD:
        error = FieldError("/told_at", "in_the_future", "Say when it was, not when it will be.")
        raise Problem(422, "in_the_future", detail="Only what has been told can be attested.", errors=[error])
    await work.lock([contact_id])
    try:
        messages = await attest_told(
            work,
            contact_id,
            request_id=once_id,
            message_ids=body.messages,
            how=body.how,
            told_at=body.told_at,
            told_by=caller.subject,
            note=body.note,
        )
    except NotAllowed as error:
        raise refusal(error) from None
    except NothingToTell as error:
        raise Problem(409, error.code, detail=NOTHING) from None
    except NotThereThen as error:
        raise _wrong_message(error.code, "A message named came up after told_at: it was not told then.") from None
    except NoSuchMessage:
        raise _wrong_message("unknown_message", "A message named is not about this contact.") from None
    reference = work.contacts.of(contact_id).reference
    rows = [notification(work.messages.to_row(message) | {"reference": reference}) for message in messages]
    left = [each.id for each in work.messages.of(contact_id).values() if each.to_referrer and each.open]
    return JSONResponse(ToldOut(notifications=rows, still_open=left).model_dump(mode="json"), 201)


def _wrong_message(code: str, detail: str) -> Problem:
    return Problem(422, code, detail=detail, errors=[FieldError("/messages", code, detail)])
