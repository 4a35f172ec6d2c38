"""Reading contacts: always with the row that says who read what, in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.security.encryption import ContactCipher, MasterKeys

_COLUMNS = (
    "c.contact_id, c.reference, c.organisation, c.channel, c.referrer_kind, c.received_at, c.accepted_at, c.stage"
)
# Whose contact it is stands in the query itself: a partner's own organisation, or everybody's for staff.
_OWN = "(CAST(:organisation AS text) IS NULL OR c.organisation = CAST(:organisation AS text))"
_ONE = text(
    f"SELECT {_COLUMNS}, c.body, k.wrapped FROM contacts c LEFT JOIN contact_keys k USING (contact_id)"
    f" WHERE c.contact_id = ANY(CAST(:ids AS uuid[])) AND {_OWN} ORDER BY c.accepted_at"
)
_LIST = text(
    f"SELECT {_COLUMNS} FROM contacts c WHERE {_OWN} AND c.body IS NOT NULL"
    " AND (CAST(:before AS timestamptz) IS NULL OR (c.accepted_at, c.contact_id) < (:before, :before_id))"
    " AND (CAST(:stage AS text) IS NULL OR c.stage = :stage)"
    " AND (CAST(:since AS timestamptz) IS NULL OR c.accepted_at >= :since)"
    " AND (CAST(:until AS timestamptz) IS NULL OR c.accepted_at < :until)"
    " AND (CAST(:sender_index AS bytea) IS NULL OR c.sender_reference_index = :sender_index)"
    " ORDER BY c.accepted_at DESC, c.contact_id DESC LIMIT :most"
)
_FOLLOWED = text(
    "SELECT c.reference, c.contact_id, c.received_at FROM contacts c"
    f" WHERE c.reference = ANY(CAST(:references AS text[])) AND {_OWN}"
)
_PROGRESS = text("SELECT at, what, about, codes FROM progress WHERE contact_id = :contact_id ORDER BY at, what")
_NOW = text("SELECT mash_now()")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptContact:
    """A contact as kept, with the body opened; ``told`` is None once erased."""

    contact_id: UUID
    reference: str
    organisation: str | None
    channel: str
    referrer_kind: str
    received_at: datetime
    accepted_at: datetime
    stage: str
    told: dict[str, Any] | None = None
    text: str | None = field(default=None, repr=False)
    """The body to its last character."""
    cipher: ContactCipher | None = None


async def business_now(connection: AsyncConnection) -> datetime:
    """Business time."""
    return (await connection.execute(_NOW)).scalar_one()


async def read_contacts(
    connection: AsyncConnection, contact_ids: Sequence[UUID], *, organisation: str | None, masters: MasterKeys
) -> list[KeptContact]:
    """These contacts, opened, as far as they are ``organisation``'s (None: staff, all of them)."""
    rows = await connection.execute(_ONE, {"ids": sorted(contact_ids), "organisation": organisation})
    return [_opened(row, masters) for row in rows]


def _opened(row: Any, masters: MasterKeys) -> KeptContact:
    kept = _kept(row)
    if row.body is None or row.wrapped is None:
        return kept
    cipher = ContactCipher(masters.unwrap(bytes(row.wrapped), service="intake", owner=row.contact_id))
    opened = cipher.decrypt(bytes(row.body), table="contacts", column="body", row_id=row.contact_id)
    return replace(kept, told=as_sent(opened), text=opened, cipher=cipher)


def as_sent(opened: str) -> dict[str, Any]:
    """What was sent, so that it can be answered: half a character is legal JSON but no text, and shows as "?"."""
    return json.loads(json.dumps(json.loads(opened), ensure_ascii=False).encode("utf-8", "replace"))


def _kept(row: Any) -> KeptContact:
    return KeptContact(
        contact_id=row.contact_id,
        reference=row.reference,
        organisation=row.organisation,
        channel=row.channel,
        referrer_kind=row.referrer_kind,
        received_at=row.received_at,
        accepted_at=row.accepted_at,
        stage=row.stage,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which contacts a list shows: accepted at or after ``since`` and before ``until``, of a stage, of one reference of
    the sender's (its blind index), after the last of the page before.
    """

    organisation: str | None
    stage: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sender_index: bytes | None = None
    before: tuple[datetime, UUID] | None = None


async def list_contacts(connection: AsyncConnection, wanted: Wanted, *, most: int) -> list[KeptContact]:
    """At most ``most`` contacts, newest first."""
    parameters = {
        "organisation": wanted.organisation,
        "stage": wanted.stage,
        "since": wanted.since,
        "until": wanted.until,
        "sender_index": wanted.sender_index,
        "before": wanted.before[0] if wanted.before else None,
        "before_id": wanted.before[1] if wanted.before else None,
        "most": most,
    }
    return [_kept(row) for row in await connection.execute(_LIST, parameters)]


async def find_followed(
    connection: AsyncConnection, references: Sequence[str], *, organisation: str | None
) -> dict[str, tuple[UUID, datetime]]:
    """By reference: those contacts of the organisation's own that there are, and where their clocks started."""
    parameters = {"references": list(references), "organisation": organisation}
    rows = await connection.execute(_FOLLOWED, parameters)
    return {row.reference: (row.contact_id, row.received_at) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One thing that happened; ``about`` names the request or challenge, ``codes`` the pack's questions."""

    at: datetime
    what: str
    about: UUID | None
    codes: tuple[str, ...]


async def read_progress(connection: AsyncConnection, contact_id: UUID) -> list[Progress]:
    """What has happened to a contact, oldest first."""
    return [
        Progress(at=row.at, what=row.what, about=row.about, codes=tuple(row.codes or ()))
        for row in await connection.execute(_PROGRESS, {"contact_id": contact_id})
    ]
