"""Partners (and staff who took a call) tell us of a worry, and see what became of it."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from services.intake.adapters import queries
from services.intake.adapters.repositories import accepting
from services.intake.application.commands import Followed, Received, receive_contact
from services.intake.bootstrap import Intake
from services.intake.domain.model.contact import ContactTold
from services.intake.domain.policy import advice_for
from services.intake.entrypoints.schemas.answers import (
    ContactAccepted,
    ContactList,
    ContactOut,
    ContactRow,
    Timeline,
    TimelineEntry,
    WarningOut,
)
from services.intake.entrypoints.schemas.contact import contact_schema
from services.intake.entrypoints.schemas.reading import Reader
from shared.contracts.envelope import Cause
from shared.logging import get_logger
from shared.security.audit import audit
from shared.security.encryption import ContactCipher, new_data_key
from shared.web import (
    Caller,
    Problem,
    allow,
    correlation_id,
    decode_cursor,
    different_body,
    encode_cursor,
    fingerprint,
    idempotency_key,
    next_link,
    not_found,
    open_answer,
    seal_answer,
    still_running,
    traceparent,
)

log = get_logger()

Sender = Annotated[Caller, allow("partner", "practitioner", "manager")]
_KEY_IS_HELD = "55P03"
_IGNORED_ATTEMPT = WarningOut(
    pointer="/first_attempted_at",
    code="ignored",
    detail="More than 7 days back or more than a minute ahead; the clocks start when we accepted it.",
)


def router(intake: Intake) -> APIRouter:
    """The routes under /v1/contacts that partners use."""
    routes = APIRouter(prefix="/v1/contacts", tags=["contacts"])
    production = intake.platform.settings.environment == "production"
    reader = Reader(indicators=intake.platform.pack.indicators, production=production)

    @routes.post(
        "",
        status_code=201,
        response_model=ContactAccepted,
        summary="Tell us of a worry",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": contact_schema()}}}
        },
    )
    async def post_contact(request: Request, caller: Sender) -> Response:
        return await _Posting(intake, reader, request, caller).run()

    @routes.get("", response_model=ContactList, summary="Your contacts, newest first")
    async def list_contacts(request: Request, caller: Sender, cursor: str | None = None) -> Response:
        async with intake.work() as work:
            found = await queries.list_contacts(work.connection, organisation=own(caller), before=_before(cursor))
            page = found[: queries.PAGE]
            await note(work, request, caller, "contacts.list", [one.contact_id for one in page])
            await work.commit()
        rows = [_row(one).model_dump(mode="json") for one in page]
        headers = next_link(request, _cursor(page[-1])) if len(found) > len(page) else {}
        return JSONResponse({"contacts": rows}, headers=headers)

    @routes.get("/{contact_id}", response_model=ContactOut, summary="One contact as it was sent")
    async def get_contact(contact_id: UUID, request: Request, caller: Sender) -> ContactOut:
        one = await read_one(intake, contact_id, request, caller, "contact.read")
        return ContactOut(id=one.contact_id, told=one.told or {}, **_common(one))

    @routes.get("/{contact_id}/timeline", response_model=Timeline, summary="What has happened, as far as you may know")
    async def get_timeline(contact_id: UUID, request: Request, caller: Sender) -> Timeline:
        one = await read_one(intake, contact_id, request, caller, "contact.timeline")
        async with intake.autocommit() as connection:
            entries = await queries.read_progress(connection, contact_id)
        said = [TimelineEntry(at=one.accepted_at, what="received")]
        return Timeline(
            reference=one.reference, entries=said + [TimelineEntry(at=at, what=what) for at, what in entries]
        )

    return routes


class _Posting:
    """One POST /v1/contacts."""

    def __init__(self, intake: Intake, reader: Reader, request: Request, caller: Caller) -> None:
        self._intake = intake
        self._reader = reader
        self._platform = intake.platform
        self._request = request
        self._caller = caller

    async def run(self) -> Response:
        """Stores the contact and answers; the answer is only made known after the commit."""
        key, body = idempotency_key(self._request), await self._request.body()
        told = self._reader.read(body, new_id=uuid4)
        scope = {"caller": self._caller.key, "path": quote(self._request.scope["path"]), "key": key}
        body_hmac = fingerprint(body, self._platform.idempotency_cipher)
        try:
            async with self._intake.autocommit() as connection:
                received = await self._receive(connection, told, once=uuid4())
                answer = self._answer(received)
                once = received.event.causation_id
                sealed = seal_answer(self._platform.idempotency_cipher, once, answer)
                identity = accepting.Request(id=once, body_hmac=body_hmac, answer=sealed, **scope)
                if await self._accept(connection, identity, received, body):
                    return answer
                earlier = await accepting.find_earlier(connection, **scope)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _KEY_IS_HELD:
                raise still_running() from None
            raise
        if earlier is None:
            raise still_running()
        if earlier.body_hmac != body_hmac:
            raise different_body()
        return open_answer(self._platform.idempotency_cipher, earlier.id, earlier.status, earlier.answer)

    async def _receive(self, connection: Any, told: ContactTold, *, once: UUID) -> Received:
        organisation = self._owner(told)
        followed = None
        if told.follows:
            found = await queries.find_followed(connection, told.follows, organisation=own(self._caller))
            followed = Followed(contact_id=found[0], received_at=found[1]) if found else None
        return receive_contact(
            told,
            contact_id=uuid4(),
            organisation=organisation,
            accepted_at=await queries.business_now(connection),
            followed=followed,
            random_child_ids=[secrets.token_bytes(16) for _ in told.subjects],
            index=self._platform.blind_index,
            cause=Cause(id=once, correlation_id=correlation_id(self._request), traceparent=traceparent(self._request)),
        )

    def _owner(self, told: ContactTold) -> str | None:
        """Whose contact it is: the partner's own organisation, or the one a practitioner took the call of."""
        return self._caller.organisation if self._caller.kind == "partner" else told.on_behalf_of

    async def _accept(self, connection: Any, identity: accepting.Request, received: Received, body: bytes) -> bool:
        data_key = new_data_key()
        text = body.decode(json.detect_encoding(body), "surrogatepass")  # as it was sent, to the last character
        sealed = ContactCipher(data_key).encrypt(text, table="contacts", column="body", row_id=received.contact_id)
        wrapped = self._platform.database.master_keys.wrap(data_key, service="intake", owner=received.contact_id)
        return await accepting.accept(connection, identity, received, wrapped_key=wrapped, body=sealed)

    def _answer(self, received: Received) -> JSONResponse:
        told = received.told
        warnings = [WarningOut(pointer=one.pointer, code=one.code, detail=one.detail) for one in told.warnings]
        path = f"/v1/contacts/{received.contact_id}"
        accepted = ContactAccepted(
            id=received.contact_id,
            reference=received.reference,
            received_at=received.received_at,
            links={"self": path, "timeline": f"{path}/timeline"},
            warnings=[*warnings, _IGNORED_ATTEMPT] if received.first_attempt_ignored else warnings,
            advice=self._advice(told, received.received_at),
        )
        return JSONResponse(accepted.model_dump(mode="json"), 201, headers={"Location": path})

    def _advice(self, told: ContactTold, at: datetime) -> list[str]:
        try:
            return list(advice_for(self._platform.pack, told, on=(told.incident_at or at).date()))
        except Exception:  # advice is worth less than the contact itself, which must be kept
            log.exception("no advice could be worked out")
            return list(self._platform.pack.advice.values())


def own(caller: Caller) -> str | None:
    """The organisation a caller is confined to; None for staff. Raises Problem 403 for a partner without one."""
    if caller.kind != "partner":
        return None
    if caller.organisation is None:
        raise Problem(403, "no_organisation", detail="The token names no organisation.")
    return caller.organisation


async def note(
    work: Any, request: Request, caller: Caller, action: str, contact_ids: list[UUID], *, outcome: str = "shown"
) -> None:
    """Writes who looked at what, in the read's own transaction."""
    await audit(
        work.connection,
        audit_id=uuid4(),
        caller=caller,
        action=action,
        contact_ids=contact_ids,
        outcome=outcome,
        correlation_id=correlation_id(request),
        now=work.now,
    )


async def read_one(
    intake: Intake, contact_id: UUID, request: Request, caller: Caller, action: str
) -> queries.KeptContact:
    """One contact that the caller may read, audited. Raises Problem 404, audited too, for a foreign or unknown one."""
    async with intake.work() as work:
        masters = intake.platform.database.master_keys
        found = await queries.read_contacts(work.connection, [contact_id], organisation=own(caller), masters=masters)
        shown = bool(found) and found[0].told is not None
        await note(work, request, caller, action, [contact_id], outcome="shown" if shown else "refused")
        await work.commit()
    if not shown:
        raise not_found()
    return found[0]


def _common(one: queries.KeptContact) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "received_at": one.received_at,
        "accepted_at": one.accepted_at,
        "organisation": one.organisation,
        "channel": one.channel,
        "stage": one.stage,
    }


def _row(one: queries.KeptContact) -> ContactRow:
    return ContactRow(id=one.contact_id, reference=one.reference, received_at=one.received_at, stage=one.stage)


def _cursor(last: queries.KeptContact) -> str:
    return encode_cursor({"at": last.accepted_at.isoformat(), "id": str(last.contact_id)})


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    read = decode_cursor(cursor, keys={"at", "id"})
    try:
        return datetime.fromisoformat(str(read["at"])), UUID(str(read["id"]))
    except ValueError:
        raise Problem(400, "cursor_invalid", detail="Use the address in the Link header as it is.") from None
