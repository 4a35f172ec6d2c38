"""One POST /v1/contacts: read leniently, stored in one statement, answered after the commit."""

from __future__ import annotations

import json
from uuid import uuid4

from fastapi import Request, Response
from sqlalchemy.exc import DBAPIError

from services.intake.adapters.repositories import accepting
from shared.database.faults import is_infrastructure
from shared.web import (
    Caller,
    different_body,
    fingerprint,
    idempotency_key,
    kept_key,
    open_answer,
    still_running,
)

from .preparing import Door, Entry, Preparing

KEY_IS_HELD = "55P03"


class Posting:
    """One POST /v1/contacts."""

    def __init__(self, door: Door, request: Request, caller: Caller) -> None:
        self._door = door
        self._request = request
        self._cipher = door.intake.platform.idempotency_cipher
        self._preparing = Preparing(door, request, caller)

    async def run(self) -> Response:
        """Stores the contact and answers; the answer is only made known after the commit."""
        key, body = kept_key(idempotency_key(self._request), self._cipher), await self._request.body()
        told = self._door.reader.read(body, new_id=uuid4)
        text = body.decode(json.detect_encoding(body), "surrogatepass")  # as it was sent, to the last character
        entry = Entry(told, text, key, fingerprint(body, self._cipher))
        try:
            answer = await self._store(entry)
        except Exception as error:
            if key_is_held(error):
                raise still_running() from None
            if is_infrastructure(error):
                self._preparing.failed([entry])
            raise
        self._preparing.kept(key)
        return answer

    async def _store(self, entry: Entry) -> Response:
        async with self._door.intake.autocommit() as connection:
            ((parcel, answer),) = await self._preparing.parcels(connection, [entry])
            if await accepting.accept(connection, self._preparing.scope, [parcel]):
                return answer
            earlier = (await accepting.find_earlier(connection, self._preparing.scope, [entry.key])).get(entry.key)
        if earlier is None:
            raise still_running()
        if earlier.body_hmac != entry.body_hmac:
            raise different_body()
        return open_answer(self._cipher, earlier.id, earlier.status, earlier.answer)


def key_is_held(error: Exception) -> bool:
    """True where another request with the same key has not ended in time."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == KEY_IS_HELD
