"""Finding what is due. Contacts are claimed, not single rows: two workers never share a contact, nor wait for one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.database.unit_of_work import UnitOfWork

_CLAIM = (
    "SELECT s.contact_id FROM contact_stream s WHERE s.contact_id IN"
    " (SELECT contact_id FROM {due} LIMIT :most) ORDER BY s.contact_id FOR UPDATE SKIP LOCKED"
)
_MESSAGES = text(
    _CLAIM.format(
        due="messages LEFT JOIN contacts USING (contact_id) WHERE due_at <= :now AND kind <> 'alert'"
        " ORDER BY (source_code = ANY(CAST(:first AS text[]))) IS TRUE DESC, due_at"
    )
)
_ALERTS = text(
    _CLAIM.format(
        due="messages WHERE due_at <= :now AND kind = 'alert'"
        " AND (gathered_until IS NULL OR gathered_until <= :business_now) ORDER BY due_at"
    )
)
_LADDERS = text(_CLAIM.format(due="duty_ladders WHERE next_at <= :now ORDER BY next_at"))
_UNRECEIPTED = text(_CLAIM.format(due="messages WHERE poll_at <= :now ORDER BY poll_at"))
_UNDELIVERED = text(
    _CLAIM.format(
        due="messages WHERE settled_at IS NULL AND"
        " ((state IN ('waiting', 'retrying', 'handed_over') AND coalesce(since, created_at) <= :person)"
        " OR (state = 'needs_person' AND created_at <= :page AND paged_at IS NULL)) ORDER BY created_at"
    )
)


class DueQueries:
    """Finds and locks contacts with work due, passing over those that somebody else is working on."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def messages(self, now: datetime, *, first: Collection[str], most: int) -> list[UUID]:
        """With a message to a referrer to send now (real time); those from the sources ``first`` before others."""
        return await self._claim(_MESSAGES, now=now, first=sorted(first), most=most)

    async def alerts(self, now: datetime, business_now: datetime, *, most: int) -> list[UUID]:
        """With an alert to send now (real time) that does not gather any longer (business time)."""
        return await self._claim(_ALERTS, now=now, business_now=business_now, most=most)

    async def ladders(self, now: datetime, *, most: int) -> list[UUID]:
        """With a rung to alert (business time)."""
        return await self._claim(_LADDERS, now=now, most=most)

    async def unreceipted(self, now: datetime, *, most: int) -> list[UUID]:
        """With a message whose receipt is to be asked for now (real time)."""
        return await self._claim(_UNRECEIPTED, now=now, most=most)

    async def undelivered(self, *, person: datetime, page: datetime, most: int) -> list[UUID]:
        """With a message unsent since ``person``, or needing a person since ``page`` unheard."""
        return await self._claim(_UNDELIVERED, person=person, page=page, most=most)

    async def _claim(self, statement: Any, **values: object) -> list[UUID]:
        return list((await self._work.connection.execute(statement, values)).scalars())
