"""Accepting contacts: one statement for many, with their idempotency keys, data keys, subjects and announcements.

Of each contact either all is there after the commit or nothing is. No ORM, no second round trip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.application.commands import Received
from shared.contracts.envelope import headers_of
from shared.contracts.topics import TOPIC_OF
from shared.messaging.outbox import event_value, headers_json

# Keys are taken in their order, so that two batches with the same ones never wait for each other in a circle.
_ACCEPT = text(
    "WITH sent AS MATERIALIZED (SELECT * FROM unnest(CAST(:onces AS uuid[]), CAST(:keys AS text[]),"
    " CAST(:hmacs AS bytea[]), CAST(:responses AS bytea[]), CAST(:contact_ids AS uuid[]), CAST(:wrapped AS bytea[]),"
    " CAST(:references AS text[]), CAST(:organisations AS text[]), CAST(:channels AS text[]), CAST(:kinds AS text[]),"
    " CAST(:received AS timestamptz[]), CAST(:accepted AS timestamptz[]), CAST(:bodies AS bytea[]),"
    " CAST(:indexes AS bytea[]), CAST(:follows AS uuid[]), CAST(:followed AS text[]), CAST(:event_ids AS uuid[]),"
    " CAST(:headers AS text[]), CAST(:values AS bytea[]))"
    " AS u(once, key, body_hmac, response, contact_id, wrapped, reference, organisation, channel, referrer_kind,"
    " received_at, accepted_at, body, sender_index, follows_contact_id, follows_reference, event_id, headers, value)),"
    " once AS (INSERT INTO idempotency (id, caller, method, path, key, body_hmac, status, response)"
    " SELECT once, :caller, 'POST', :path, key, body_hmac, 201, response FROM sent ORDER BY key"
    " ON CONFLICT ON CONSTRAINT idempotency_key DO NOTHING RETURNING id),"
    " new AS MATERIALIZED (SELECT sent.* FROM sent JOIN once ON once.id = sent.once),"
    " stream AS (INSERT INTO contact_stream (contact_id, sent) SELECT contact_id, 1 FROM new),"
    " sealed AS (INSERT INTO contact_keys (contact_id, wrapped) SELECT contact_id, wrapped FROM new),"
    " contact AS (INSERT INTO contacts (contact_id, reference, organisation, channel, referrer_kind, received_at,"
    " accepted_at, body, sender_reference_index, follows_contact_id, follows_reference)"
    " SELECT contact_id, reference, organisation, channel, referrer_kind, received_at, accepted_at, body, sender_index,"
    " follows_contact_id, follows_reference FROM new),"
    " people AS (INSERT INTO subjects (contact_id, subject_id, position, kind, child_id)"
    " SELECT u.* FROM unnest(CAST(:of AS uuid[]), CAST(:subject_ids AS uuid[]), CAST(:positions AS int[]),"
    " CAST(:subject_kinds AS text[]), CAST(:child_ids AS text[]))"
    " AS u(contact_id, subject_id, position, kind, child_id) JOIN new USING (contact_id)),"
    " logged AS (INSERT INTO event_log (contact_id, sequence, event_id, topic, headers, value)"
    " SELECT contact_id, 1, event_id, :topic, headers::jsonb, value FROM new),"
    " queued AS (INSERT INTO outbox (event_id, topic, key, headers, value)"
    " SELECT event_id, :topic, contact_id::text, headers::jsonb, value FROM new)"
    " SELECT id FROM once"
)
_EARLIER = text(
    "SELECT id, key, body_hmac, status, response FROM idempotency"
    " WHERE caller = :caller AND method = 'POST' AND path = :path AND key = ANY(CAST(:keys AS text[]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose keys, and of which path: together with the key, a request's identity."""

    caller: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One contact ready to be stored: its request's key and body, and the sealed answer it will get again."""

    once: UUID
    key: str
    body_hmac: bytes
    answer: bytes
    received: Received
    wrapped_key: bytes
    body: bytes
    sender_reference_index: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The same key was used before."""

    id: UUID
    body_hmac: bytes
    status: int
    answer: bytes


async def accept(connection: AsyncConnection, scope: Scope, parcels: Sequence[Parcel]) -> set[UUID]:
    """Stores them all and commits (the connection is in autocommit); returns the ``once`` of those that were new.

    Nothing is stored of one whose key was used before. A second request with a key waits on it for the first, no longer
    than the connection's lock_timeout.
    """
    done = await connection.execute(_ACCEPT, _parameters(scope, parcels))
    return set(done.scalars())


def _parameters(scope: Scope, parcels: Sequence[Parcel]) -> dict[str, Any]:
    contacts = [parcel.received for parcel in parcels]
    people = [
        (one.contact_id, subject, child_id)
        for one in contacts
        for subject, child_id in zip(one.told.subjects, one.child_ids, strict=True)
    ]
    return {
        "caller": scope.caller,
        "path": scope.path,
        "topic": TOPIC_OF["intake"],
        "onces": [parcel.once for parcel in parcels],
        "keys": [parcel.key for parcel in parcels],
        "hmacs": [parcel.body_hmac for parcel in parcels],
        "responses": [parcel.answer for parcel in parcels],
        "wrapped": [parcel.wrapped_key for parcel in parcels],
        "bodies": [parcel.body for parcel in parcels],
        "indexes": [parcel.sender_reference_index for parcel in parcels],
        "contact_ids": [one.contact_id for one in contacts],
        "references": [one.reference for one in contacts],
        "organisations": [one.organisation for one in contacts],
        "channels": [one.told.channel for one in contacts],
        "kinds": [one.told.referrer.kind for one in contacts],
        "received": [one.received_at for one in contacts],
        "accepted": [one.accepted_at for one in contacts],
        "follows": [one.event.data.follows for one in contacts],
        "followed": [one.told.follows for one in contacts],
        "event_ids": [one.event.id for one in contacts],
        "headers": [headers_json(headers_of(one.event)) for one in contacts],
        "values": [event_value(one.event) for one in contacts],
        "of": [contact_id for contact_id, _, _ in people],
        "subject_ids": [subject.subject_id for _, subject, _ in people],
        "positions": [subject.position for _, subject, _ in people],
        "subject_kinds": [subject.kind for _, subject, _ in people],
        "child_ids": [child_id for _, _, child_id in people],
    }


async def find_earlier(connection: AsyncConnection, scope: Scope, keys: Sequence[str]) -> dict[str, Earlier]:
    """The earlier requests with these keys that were answered, by key."""
    parameters = {"caller": scope.caller, "path": scope.path, "keys": list(keys)}
    return {
        row.key: Earlier(id=row.id, body_hmac=bytes(row.body_hmac), status=row.status, answer=bytes(row.response))
        for row in await connection.execute(_EARLIER, parameters)
        if row.response is not None
    }
