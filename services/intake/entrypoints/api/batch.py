"""POST /v1/contacts/batch: the night's contacts of a partner, each kept or refused for itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from fastapi import Request
from fastapi.responses import JSONResponse

from services.intake.adapters.repositories import accepting
from services.intake.entrypoints.schemas.batch import Sent, read_batch
from shared.database.faults import is_infrastructure
from shared.logging import get_logger
from shared.web import (
    Caller,
    Problem,
    different_body,
    fingerprint,
    kept_key,
    open_answer,
    problem_document,
    problem_for,
    still_running,
)

from .posting import key_is_held
from .preparing import Door, Entry, Preparing

log = get_logger()

CHUNK = 50
"""Contacts stored by one statement."""
READ_AT_ONCE = 5
"""Contacts read before others get their turn: some milliseconds."""
OK, NEW = 200, 201

Result = dict[str, Any]


class Batch:
    """One batch of one caller."""

    def __init__(self, door: Door, request: Request, caller: Caller) -> None:
        self._door = door
        self._request = request
        self._cipher = door.intake.platform.idempotency_cipher
        self._preparing = Preparing(door, request, caller)

    async def run(self) -> JSONResponse:
        """Stores what can be, chunk by chunk, and answers for each. Where the database goes away the answer is 503: the
        whole batch can be sent again, and what was kept is answered as such.
        """
        sent = await asyncio.to_thread(read_batch, await self._request.body())
        entries = [await self._read(at, one) for at, one in enumerate(sent)]
        results: list[Result] = []
        try:
            for chunk in _in_chunks(entries):
                results += await self._chunk(chunk)
        except Exception as error:
            if is_infrastructure(error):
                self._preparing.failed([one for one in entries[len(results) :] if isinstance(one, Entry)])
            raise
        return JSONResponse({"results": results})

    async def _read(self, at: int, sent: Sent | Problem) -> Entry | Problem:
        if at % READ_AT_ONCE == 0:
            await asyncio.sleep(0)
        if isinstance(sent, Problem):
            return sent
        try:
            told = self._door.reader.contact(sent.contact, new_id=uuid4)
        except Problem as refused:
            return refused
        except Exception:  # ours to mend, and no reason to refuse the others
            log.exception("a contact of a batch could not be read")
            return problem_for(500)
        return Entry(told, sent.text, kept_key(sent.key, self._cipher), fingerprint(sent.text.encode(), self._cipher))

    async def _chunk(self, entries: Sequence[Entry | Problem]) -> list[Result]:
        readable = [one for one in entries if isinstance(one, Entry)]
        stored = iter(await self._stored_together(readable))
        return [next(stored) if isinstance(one, Entry) else _refused(one) for one in entries]

    async def _stored_together(self, entries: Sequence[Entry]) -> list[Result]:
        """All in one statement; where one of them defeats it, each in its own."""
        if not entries:
            return []
        try:
            return await self._store(entries)
        except Problem as problem:
            return [_refused(problem) for _ in entries]
        except Exception as error:
            if is_infrastructure(error) and not key_is_held(error):
                raise
            if len(entries) == 1:
                return [_refused(_problem_of(error))]
        return [result for one in entries for result in await self._stored_together([one])]

    async def _store(self, entries: Sequence[Entry]) -> list[Result]:
        async with self._door.intake.autocommit() as connection:
            prepared = await self._preparing.parcels(connection, entries)
            new = await accepting.accept(connection, self._preparing.scope, [parcel for parcel, _ in prepared])
            again = [parcel.key for parcel, _ in prepared if parcel.once not in new]
            earlier = await accepting.find_earlier(connection, self._preparing.scope, again) if again else {}
        for entry in entries:
            self._preparing.kept(entry.key)
        return [
            _result(NEW, bytes(answer.body))
            if parcel.once in new
            else self._there_already(earlier.get(entry.key), entry)
            for entry, (parcel, answer) in zip(entries, prepared, strict=True)
        ]

    def _there_already(self, earlier: accepting.Earlier | None, entry: Entry) -> Result:
        if earlier is None:
            return _refused(still_running())
        if earlier.body_hmac != entry.body_hmac:
            return _refused(different_body())
        return _result(OK, bytes(open_answer(self._cipher, earlier.id, earlier.status, earlier.answer).body))


def _in_chunks(entries: Sequence[Entry | Problem]) -> Iterator[Sequence[Entry | Problem]]:
    return (entries[start : start + CHUNK] for start in range(0, len(entries), CHUNK))


def _result(status: int, accepted: bytes) -> Result:
    return {"status": status, "contact": json.loads(accepted), "problem": None}


def _refused(problem: Problem) -> Result:
    return {"status": problem.status, "contact": None, "problem": problem_document(problem)}


def _problem_of(error: Exception) -> Problem:
    if key_is_held(error):
        return still_running()
    log.error("a contact of a batch could not be stored", exc_info=error)
    return problem_for(500)
