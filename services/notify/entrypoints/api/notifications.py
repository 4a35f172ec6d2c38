"""Messages: who was told what, every attempt, and sending again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.notify.adapters import queries
from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands.telling import ByPersonOnly, send_again
from services.notify.bootstrap import Notify
from services.notify.domain.model import Kind, NotAllowed, State
from services.notify.entrypoints.schemas import (
    AttemptOut,
    AttestedOut,
    NotificationDetail,
    NotificationList,
    NotificationOut,
)
from shared.web import (
    Caller,
    FieldError,
    Problem,
    allow,
    begin_once,
    decode_cursor,
    encode_cursor,
    next_link,
    not_found,
    note_look,
)

from .common import notification, refusal

Reader = Annotated[Caller, allow("practitioner", "manager", "ops")]
Staff = Annotated[Caller, allow("practitioner", "manager")]


def router(notify: Notify) -> APIRouter:
    """The routes under /v1/notifications."""
    routes = APIRouter(prefix="/v1/notifications", tags=["notifications"])

    @routes.get("", response_model=NotificationList, summary="Notifications, newest first")
    async def list_notifications(
        request: Request,
        caller: Reader,
        *,
        state: State | None = None,
        kind: Kind | None = None,
        contact_id: UUID | None = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        wanted = {"after": _after(cursor), "state": _code(state), "kind": _code(kind), "contact_id": contact_id}
        return await _page(notify, request, caller, limit=limit, wanted=wanted)

    @routes.get("/{notification_id}", response_model=NotificationDetail, summary="One notification, every attempt")
    async def get_notification(notification_id: UUID, request: Request, caller: Reader) -> NotificationDetail:
        async with notify.work() as work:
            row = await queries.one_message(work.connection, notification_id)
            contacts = [] if row is None else [row["contact_id"]]
            outcome = "refused" if row is None else "shown"
            await note_look(work, request, caller, action="notification.read", contact_ids=contacts, outcome=outcome)
            reads_notes = bool(caller.roles & {"practitioner", "manager"})
            answer = None if row is None else await _detail(work, row, with_notes=reads_notes)
            await work.commit()
        if answer is None:
            raise not_found()
        return answer

    @routes.post("/{notification_id}/resend", response_model=NotificationOut, summary="Try again, at once")
    async def resend(notification_id: UUID, request: Request, caller: Staff) -> Response:
        return await _resend(notify, notification_id, request, caller)

    return routes


def _code(choice: State | Kind | None) -> str | None:
    return choice.value if choice else None


async def _page(notify: Notify, request: Request, caller: Caller, *, limit: int, wanted: dict[str, Any]) -> Response:
    async with notify.work() as work:
        rows = await queries.list_messages(work.connection, most=limit + 1, **wanted)
        page = rows[:limit]
        shown = sorted({row["contact_id"] for row in page})
        await note_look(work, request, caller, action="notifications.list", contact_ids=shown, outcome="shown")
        await work.commit()
    body = NotificationList(notifications=[notification(row) for row in page])
    headers = next_link(request, _cursor(page[-1])) if len(rows) > limit else {}
    return JSONResponse(body.model_dump(mode="json"), headers=headers)


async def _resend(notify: Notify, notification_id: UUID, request: Request, caller: Caller) -> Response:
    cipher = notify.platform.idempotency_cipher
    async with notify.work() as work:
        once = await begin_once(work.connection, request, caller, cipher=cipher)
        if once.answer is not None:
            return once.answer
        row = await queries.one_message(work.connection, notification_id)
        contacts = [] if row is None else [row["contact_id"]]
        outcome = "refused" if row is None else "done"
        await note_look(work, request, caller, action="notification.resend", contact_ids=contacts, outcome=outcome)
        answer = JSONResponse(None, 404) if row is None else await _sent_again(work, row)
        await once.keep(answer)
        await work.commit()
    if row is None:
        raise not_found()
    return answer


async def _sent_again(work: NotifyUnitOfWork, row: dict[str, Any]) -> JSONResponse:
    await work.lock([row["contact_id"]])
    try:
        message = await send_again(work, row["contact_id"], row["id"])
    except NotAllowed as error:
        raise refusal(error) from None
    except ByPersonOnly as error:
        detail = "Only a person may tell the referrer this. Tell them yourself, and record it with the contact's told."
        raise Problem(409, error.code, detail=detail) from None
    changed = row | work.messages.to_row(message)
    return JSONResponse(notification(changed).model_dump(mode="json"))


async def _detail(work: NotifyUnitOfWork, row: dict[str, Any], *, with_notes: bool) -> NotificationDetail:
    tries = await queries.tries_of(work.connection, row["id"])
    attested = await queries.attested_of(work.connection, row["id"])
    if attested:
        await work.lock([row["contact_id"]])  # the notes are under the contact's key
    return NotificationDetail(
        **notification(row).model_dump(),
        tries=[AttemptOut.model_validate(each) for each in tries],
        attested=[_attested(work, each, with_note=with_notes) for each in attested],
    )


def _attested(work: NotifyUnitOfWork, row: dict[str, Any], *, with_note: bool) -> AttestedOut:
    sealed, text = row["note"], None
    if sealed is not None and with_note:
        text = work.cipher(row["contact_id"]).decrypt(sealed, table="told", column="note", row_id=row["id"])
    return AttestedOut(how=row["how"], told_at=row["told_at"], told_by=row["told_by"], note=text)


def _cursor(row: dict[str, Any]) -> str:
    return encode_cursor({"at": row["created_at"].isoformat(), "id": str(row["id"])})


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor, keys={"at", "id"})
    try:
        return datetime.fromisoformat(str(position["at"])).astimezone(UTC), UUID(str(position["id"]))
    except (ValueError, OverflowError):
        error = FieldError("/cursor", "cursor_invalid", "Use the link of the page before, unchanged.", "query")
        raise Problem(400, "cursor_invalid", detail="This cursor is not one of ours.", errors=[error]) from None
