"""Accepting a contact: one statement for the idempotency key, the contact, its key, its subjects and its announcement.

Either all of it is there after the commit or nothing is. No ORM, no second round trip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.application.commands import Received
from shared.contracts.envelope import headers_of
from shared.contracts.topics import TOPIC_OF
from shared.messaging.outbox import event_value, headers_json

_ACCEPT = text(
    "WITH once AS (INSERT INTO idempotency (id, caller, method, path, key, body_hmac, status, response)"
    " VALUES (:once, :caller, 'POST', :path, :key, :body_hmac, 201, :response)"
    " ON CONFLICT ON CONSTRAINT idempotency_key DO NOTHING RETURNING id),"
    " stream AS (INSERT INTO contact_stream (contact_id, sent) SELECT CAST(:contact_id AS uuid), 1 FROM once),"
    " sealed AS (INSERT INTO contact_keys (contact_id, wrapped)"
    " SELECT CAST(:contact_id AS uuid), CAST(:wrapped AS bytea) FROM once),"
    " contact AS (INSERT INTO contacts"
    " (contact_id, reference, organisation, channel, referrer_kind, received_at, accepted_at, body,"
    " follows_contact_id, follows_reference)"
    " SELECT CAST(:contact_id AS uuid), CAST(:reference AS text), CAST(:organisation AS text), CAST(:channel AS text),"
    " CAST(:referrer_kind AS text), CAST(:received_at AS timestamptz), CAST(:accepted_at AS timestamptz),"
    " CAST(:body AS bytea), CAST(:follows_contact_id AS uuid), CAST(:follows_reference AS text) FROM once),"
    " people AS (INSERT INTO subjects (contact_id, subject_id, position, kind, child_id)"
    " SELECT CAST(:contact_id AS uuid), u.* FROM once, unnest(CAST(:subject_ids AS uuid[]), CAST(:positions AS int[]),"
    " CAST(:kinds AS text[]), CAST(:child_ids AS text[])) AS u),"
    " logged AS (INSERT INTO event_log (contact_id, sequence, event_id, topic, headers, value)"
    " SELECT CAST(:contact_id AS uuid), 1, CAST(:event_id AS uuid), CAST(:topic AS text), CAST(:headers AS jsonb),"
    " CAST(:value AS bytea) FROM once),"
    " queued AS (INSERT INTO outbox (event_id, topic, key, headers, value)"
    " SELECT CAST(:event_id AS uuid), CAST(:topic AS text), CAST(:contact_id AS text), CAST(:headers AS jsonb),"
    " CAST(:value AS bytea) FROM once)"
    " SELECT count(*) FROM once"
)
_EARLIER = text(
    "SELECT id, body_hmac, status, response FROM idempotency"
    " WHERE caller = :caller AND method = 'POST' AND path = :path AND key = :key"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The request's identity: who, where, which key, what body; and the sealed answer it will get again."""

    id: UUID
    caller: str
    path: str
    key: str
    body_hmac: bytes
    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The same key was used before."""

    id: UUID
    body_hmac: bytes
    status: int
    answer: bytes


async def accept(
    connection: AsyncConnection, request: Request, received: Received, *, wrapped_key: bytes, body: bytes
) -> bool:
    """Stores it all and commits (the connection is in autocommit). False where the key was used before: nothing is
    stored then. A second request with the key waits on it for the first, no longer than the connection's lock_timeout.
    """
    done = await connection.execute(_ACCEPT, _parameters(request, received, wrapped_key, body))
    return bool(done.scalar_one())


def _parameters(request: Request, received: Received, wrapped_key: bytes, body: bytes) -> dict[str, Any]:
    subjects = received.told.subjects
    return {
        "once": request.id,
        "caller": request.caller,
        "path": request.path,
        "key": request.key,
        "body_hmac": request.body_hmac,
        "response": request.answer,
        "contact_id": str(received.contact_id),
        "wrapped": wrapped_key,
        "reference": received.reference,
        "organisation": received.organisation,
        "channel": received.told.channel,
        "referrer_kind": received.told.referrer.kind,
        "received_at": received.received_at,
        "accepted_at": received.accepted_at,
        "body": body,
        "follows_contact_id": received.event.data.follows,
        "follows_reference": received.told.follows,
        "subject_ids": [subject.subject_id for subject in subjects],
        "positions": [subject.position for subject in subjects],
        "kinds": [subject.kind for subject in subjects],
        "child_ids": list(received.child_ids),
        "event_id": received.event.id,
        "topic": TOPIC_OF["intake"],
        "headers": headers_json(headers_of(received.event)),
        "value": event_value(received.event),
    }


async def find_earlier(connection: AsyncConnection, *, caller: str, path: str, key: str) -> Earlier | None:
    """The earlier request with this key, or None."""
    row = (await connection.execute(_EARLIER, {"caller": caller, "path": path, "key": key})).one_or_none()
    if row is None or row.response is None:
        return None
    return Earlier(id=row.id, body_hmac=bytes(row.body_hmac), status=row.status, answer=bytes(row.response))
