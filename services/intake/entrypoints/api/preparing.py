"""What single contacts and batches have in common: from what was read to what is stored and answered."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.adapters import queries
from services.intake.adapters.repositories import accepting
from services.intake.application.commands import Followed, Received, receive_contact
from services.intake.bootstrap import Intake
from services.intake.domain.model.contact import ContactTold
from services.intake.domain.policy import advice_for
from services.intake.entrypoints.schemas.answers import ContactAccepted, SubjectNamed, WarningOut
from services.intake.entrypoints.schemas.reading import Reader
from shared.contracts.envelope import Cause
from shared.logging import get_logger
from shared.security.encryption import ContactCipher, new_data_key
from shared.web import Caller, correlation_id, seal_answer, traceparent

from .first_tries import FirstTries
from .scope import own

log = get_logger()

PATH = "/v1/contacts"
SENDER_REFERENCE = "sender_reference"
_IGNORED_ATTEMPT = WarningOut(
    pointer="/first_attempted_at",
    code="ignored",
    detail="More than 7 days back or more than a minute ahead; the clocks start when we accepted it.",
)
_IGNORED_OWNER = WarningOut(
    pointer="/on_behalf_of", code="ignored", detail="Only staff post for others; the contact is your organisation's."
)


@dataclass(slots=True)
class Door:
    """What every request that brings contacts needs of its process."""

    intake: Intake
    reader: Reader
    first_tries: FirstTries


@dataclass(frozen=True, slots=True)
class Entry:
    """One contact as read, not yet stored: what was told, the text it was sent as, its key and its fingerprint."""

    told: ContactTold
    text: str
    key: str
    body_hmac: bytes


class Preparing:
    """Prepares contacts for one caller."""

    def __init__(self, door: Door, request: Request, caller: Caller) -> None:
        self._door = door
        self._platform = door.intake.platform
        self._request = request
        self._caller = caller
        self.scope = accepting.Scope(caller=caller.key, path=quote(PATH))

    async def parcels(
        self, connection: AsyncConnection, entries: Sequence[Entry]
    ) -> list[tuple[accepting.Parcel, JSONResponse]]:
        """What is stored of each, with the answer that is only given once it is."""
        now = await queries.business_now(connection)
        references = sorted({entry.told.follows for entry in entries if entry.told.follows})
        followed: dict[str, Followed] = {}
        if references:
            found = await queries.find_followed(connection, references, organisation=own(self._caller))
            followed = {name: Followed(contact_id=one[0], received_at=one[1]) for name, one in found.items()}
        return [self._parcel(entry, now, followed.get(entry.told.follows or "")) for entry in entries]

    def failed(self, entries: Sequence[Entry]) -> None:
        """Something of ours was away: when they are sent again, their clocks start now."""
        for entry in entries:
            self._door.first_tries.failed(self._caller.key, entry.key, at=time.monotonic())

    def kept(self, key: str) -> None:
        """It is stored."""
        self._door.first_tries.kept(self._caller.key, key)

    def _parcel(self, entry: Entry, now: datetime, followed: Followed | None) -> tuple[accepting.Parcel, JSONResponse]:
        once = uuid4()
        received = self._receive(entry, now, followed, once)
        answer = self._answer(received)
        data_key = new_data_key()
        cipher, platform = ContactCipher(data_key), self._platform
        reference = received.told.sender_reference
        parcel = accepting.Parcel(
            once=once,
            key=entry.key,
            body_hmac=entry.body_hmac,
            answer=seal_answer(platform.idempotency_cipher, once, answer),
            received=received,
            wrapped_key=platform.database.master_keys.wrap(data_key, service="intake", owner=received.contact_id),
            body=cipher.encrypt(entry.text, table="contacts", column="body", row_id=received.contact_id),
            sender_reference_index=platform.blind_index.of(SENDER_REFERENCE, reference) if reference else None,
        )
        return parcel, answer

    def _receive(self, entry: Entry, now: datetime, followed: Followed | None, once: UUID) -> Received:
        told, tries = entry.told, self._door.first_tries
        return receive_contact(
            told,
            contact_id=uuid4(),
            organisation=self._owner(told),
            accepted_at=now,
            followed=followed,
            random_child_ids=[secrets.token_bytes(16) for _ in told.subjects],
            index=self._platform.blind_index,
            cause=Cause(id=once, correlation_id=correlation_id(self._request), traceparent=traceparent(self._request)),
            first_try_seen_at=tries.first_try(self._caller.key, entry.key, at=time.monotonic(), now=now),
        )

    def _owner(self, told: ContactTold) -> str | None:
        """Whose contact it is: the partner's own organisation, or the one a practitioner took the call of."""
        return self._caller.organisation if self._caller.kind == "partner" else told.on_behalf_of

    def _answer(self, received: Received) -> JSONResponse:
        told = received.told
        path = f"{PATH}/{received.contact_id}"
        accepted = ContactAccepted(
            id=received.contact_id,
            reference=received.reference,
            received_at=received.received_at,
            subjects=[SubjectNamed(subject_id=one.subject_id, position=one.position) for one in told.subjects],
            links=links_of(received.contact_id),
            warnings=[*warnings_out(told.warnings), *self._ignored(received)],
            advice=self._advice(told, received.received_at),
        )
        return JSONResponse(accepted.model_dump(mode="json"), 201, headers={"Location": path})

    def _ignored(self, received: Received) -> list[WarningOut]:
        own_contact = self._caller.kind == "partner" and received.told.on_behalf_of is not None
        return [
            *([_IGNORED_ATTEMPT] if received.first_attempt_ignored else []),
            *([_IGNORED_OWNER] if own_contact else []),
        ]

    def _advice(self, told: ContactTold, at: datetime) -> list[str]:
        try:
            return list(advice_for(self._platform.pack, told, on=(told.incident_at or at).date()))
        except Exception:  # advice is worth less than the contact itself, which must be kept
            log.exception("no advice could be worked out")
            return list(self._platform.pack.advice.values())


def warnings_out(warnings: Sequence[Any]) -> list[WarningOut]:
    """The warnings as they are answered."""
    return [WarningOut(pointer=one.pointer, code=one.code, detail=one.detail) for one in warnings]


def links_of(contact_id: UUID) -> dict[str, str]:
    """Where a contact is read, and where more is told of it."""
    path = f"{PATH}/{contact_id}"
    return {"self": path, **{name: f"{path}/{name}" for name in ("timeline", "information", "withdrawal", "challenge")}}
