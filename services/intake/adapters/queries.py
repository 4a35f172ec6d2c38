"""Reading contacts: always with the row that says who read what, in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.security.encryption import ContactCipher, MasterKeys

PAGE = 50

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
    " ORDER BY c.accepted_at DESC, c.contact_id DESC LIMIT :most"
)
_FOLLOWED = text(f"SELECT c.contact_id, c.received_at FROM contacts c WHERE c.reference = :reference AND {_OWN}")
_PROGRESS = text("SELECT at, what FROM progress WHERE contact_id = :contact_id ORDER BY at, what")
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
    told = None
    if row.body is not None and row.wrapped is not None:
        data_key = masters.unwrap(bytes(row.wrapped), service="intake", owner=row.contact_id)
        opened = ContactCipher(data_key).decrypt(
            bytes(row.body), table="contacts", column="body", row_id=row.contact_id
        )
        told = _as_text(opened)
    return _kept(row, told)


def _as_text(opened: str) -> dict[str, Any]:
    """What was sent, so that it can be answered: half a character is legal JSON but no text, and shows as "?"."""
    return json.loads(json.dumps(json.loads(opened), ensure_ascii=False).encode("utf-8", "replace"))


def _kept(row: Any, told: dict[str, Any] | None) -> KeptContact:
    return KeptContact(
        contact_id=row.contact_id,
        reference=row.reference,
        organisation=row.organisation,
        channel=row.channel,
        referrer_kind=row.referrer_kind,
        received_at=row.received_at,
        accepted_at=row.accepted_at,
        stage=row.stage,
        told=told,
    )


async def list_contacts(
    connection: AsyncConnection, *, organisation: str | None, before: tuple[datetime, UUID] | None
) -> list[KeptContact]:
    """A page of contacts, newest first, one more than a page where there are more."""
    parameters = {
        "organisation": organisation,
        "before": before[0] if before else None,
        "before_id": before[1] if before else None,
        "most": PAGE + 1,
    }
    return [_kept(row, None) for row in await connection.execute(_LIST, parameters)]


async def find_followed(
    connection: AsyncConnection, reference: str, *, organisation: str | None
) -> tuple[UUID, datetime] | None:
    """The contact with this reference and where its clocks started, if it is the organisation's own."""
    row = (await connection.execute(_FOLLOWED, {"reference": reference, "organisation": organisation})).one_or_none()
    return (row.contact_id, row.received_at) if row else None


async def read_progress(connection: AsyncConnection, contact_id: UUID) -> list[tuple[datetime, str]]:
    """What has happened to a contact, oldest first."""
    return [(row.at, row.what) for row in await connection.execute(_PROGRESS, {"contact_id": contact_id})]
