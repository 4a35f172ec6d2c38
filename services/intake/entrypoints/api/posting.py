"""One POST /v1/contacts: read leniently, stored in one statement, answered after the commit."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from services.intake.adapters import queries
from services.intake.adapters.repositories import accepting
from services.intake.application.commands import Followed, Received, receive_contact
from services.intake.bootstrap import Intake
from services.intake.domain.model.contact import ContactTold
from services.intake.domain.policy import advice_for
from services.intake.entrypoints.schemas.answers import ContactAccepted, WarningOut
from services.intake.entrypoints.schemas.reading import Reader
from shared.contracts.envelope import Cause
from shared.logging import get_logger
from shared.security.encryption import ContactCipher, new_data_key
from shared.web import (
    Caller,
    correlation_id,
    different_body,
    fingerprint,
    idempotency_key,
    kept_key,
    open_answer,
    seal_answer,
    still_running,
    traceparent,
)

from .scope import own

log = get_logger()

_KEY_IS_HELD = "55P03"
_IGNORED_ATTEMPT = WarningOut(
    pointer="/first_attempted_at",
    code="ignored",
    detail="More than 7 days back or more than a minute ahead; the clocks start when we accepted it.",
)


class Posting:
    """One POST /v1/contacts."""

    def __init__(self, intake: Intake, reader: Reader, request: Request, caller: Caller) -> None:
        self._intake = intake
        self._reader = reader
        self._platform = intake.platform
        self._request = request
        self._caller = caller

    async def run(self) -> Response:
        """Stores the contact and answers; the answer is only made known after the commit."""
        cipher = self._platform.idempotency_cipher
        key, body = kept_key(idempotency_key(self._request), cipher), await self._request.body()
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
