"""The same request twice has one effect: `Idempotency-Key` (IETF draft 08), kept in the write's own transaction.

A second request with the same key waits on the unique index for the first, two seconds at most, then gets its answer.
Only 2xx answers are kept, encrypted, for 30 days of real time.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from shared.security.encryption import TableCipher
from shared.security.tokens import Caller
from shared.web.problems import Problem

HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotent-Replayed"
IDEMPOTENT: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": HEADER,
            "in": "header",
            "required": True,
            "description": "A word of your own for this request; the same one on every retry of it.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "example": "HV-2026-118",
        }
    ]
}
"""What a route that writes adds to its OpenAPI operation (``openapi_extra``)."""
WAIT: Final = "2s"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_LOCK_NOT_AVAILABLE: Final = "55P03"
_KEPT_HEADERS: Final = frozenset({"content-type", "etag", "location", "link", "last-modified"})

# The setting comes first: a row is only inserted once its source has been read, and the wait is in the insert.
_CLAIM = text(
    f"WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', '{WAIT}', true) AS set) "
    "INSERT INTO idempotency (id, caller, method, path, key, body_hmac) "
    "SELECT :id, :caller, :method, :path, :key, :body_hmac FROM patience WHERE patience.set IS NOT NULL "
    "ON CONFLICT (caller, method, path, key) DO NOTHING RETURNING id"
)
_FIND = text(
    "SELECT id, body_hmac, status, response FROM idempotency "
    "WHERE caller = :caller AND method = :method AND path = :path AND key = :key FOR UPDATE"
)
_CALM = text("SET LOCAL lock_timeout TO DEFAULT")
_KEEP = text("UPDATE idempotency SET status = :status, response = :response WHERE id = :id")
_FREE = text("DELETE FROM idempotency WHERE id = :id")


@dataclass(slots=True)
class Once:
    """One request under its key. `answer` is the stored one if it was done before; `id` causes its events."""

    id: UUID
    answer: Response | None
    _connection: AsyncConnection
    _cipher: TableCipher

    async def keep(self, response: Response) -> None:
        """Keep a 2xx answer for the next try; free the key for any other. Call it before the commit."""
        if not 200 <= response.status_code < 300:  # noqa: PLR2004 -- the class of success
            await self._connection.execute(_FREE, {"id": self.id})
            return
        sealed = seal_answer(self._cipher, self.id, response)
        await self._connection.execute(_KEEP, {"id": self.id, "status": response.status_code, "response": sealed})


async def begin_once(connection: AsyncConnection, request: Request, caller: Caller, *, cipher: TableCipher) -> Once:
    """Claim the request's key in the transaction of `connection`, before anything else of the write, If-Match too.

    Raises Problem: 400 no or odd key, 409 the first request still runs, 422 the key belongs to another body.
    """
    path = quote(request.scope["path"])
    key = kept_key(idempotency_key(request), cipher)
    scope = {"caller": caller.key, "method": request.method, "path": path, "key": key}
    body_hmac = fingerprint(await request.body(), cipher)
    try:
        claimed = await connection.execute(_CLAIM, {"id": uuid4(), "body_hmac": body_hmac, **scope})
        new_id = claimed.scalar_one_or_none()
        found = None if new_id is not None else (await connection.execute(_FIND, scope)).first()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise still_running() from None
        raise
    await connection.execute(_CALM)
    if new_id is not None:
        return Once(new_id, None, connection, cipher)
    if found is None:  # freed between the two statements
        raise still_running()
    return _again(found, body_hmac, connection, cipher)


def _again(found: Row[Any], body_hmac: bytes, connection: AsyncConnection, cipher: TableCipher) -> Once:
    if bytes(found.body_hmac) != body_hmac:
        raise different_body()
    if found.status is None or found.response is None:
        return Once(found.id, None, connection, cipher)  # claimed by one that kept nothing: ours now, under its lock
    return Once(found.id, open_answer(cipher, found.id, found.status, bytes(found.response)), connection, cipher)


def idempotency_key(request: Request) -> str:
    """The request's key; raises Problem 400 where it is missing or not 1 to 255 visible ASCII characters."""
    key = request.headers.get(HEADER, "")
    if not is_idempotency_key(key):
        raise Problem(
            400,
            "idempotency_key_missing" if not key else "idempotency_key_invalid",
            detail="Send an Idempotency-Key of 1 to 255 visible characters, the same one on every retry.",
        )
    return key


def is_idempotency_key(key: str) -> bool:
    """True for 1 to 255 visible ASCII characters."""
    return _KEY.fullmatch(key) is not None


def kept_key(key: str, cipher: TableCipher) -> str:
    """What is kept of a key: a fingerprint, since a sender may have put anything into it."""
    return cipher.fingerprint(key.encode(), purpose="idempotency key").hex()


def fingerprint(body: bytes, cipher: TableCipher) -> bytes:
    """Tells two bodies apart by what they say: order of members and spaces do not count."""
    try:
        canonical = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode() if body else b""
    except (ValueError, RecursionError):
        canonical = body
    return cipher.fingerprint(canonical, purpose="idempotency body")


def seal_answer(cipher: TableCipher, row_id: UUID, response: Response) -> bytes:
    """An answer, encrypted for its row."""
    headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
    content = json.dumps({"headers": headers, "body": bytes(response.body).decode()})
    return cipher.encrypt(content, column="response", row_id=row_id)


def open_answer(cipher: TableCipher, row_id: UUID, status: int, sealed: bytes) -> Response:
    """A stored answer, marked as a replay."""
    content = json.loads(cipher.decrypt(sealed, column="response", row_id=row_id))
    return Response(content["body"], status, {**content["headers"], REPLAYED_HEADER: "true"})


def different_body() -> Problem:
    """422: the key was used for something else."""
    return Problem(
        422, "idempotency_key_reused", detail="This Idempotency-Key was used with another body; use a new one."
    )


def still_running() -> Problem:
    """409: the first request with this key has not ended within two seconds."""
    detail = "The first request with this Idempotency-Key is still running; try again."
    return Problem(409, "still_running", detail=detail, headers={"Retry-After": "2"})
