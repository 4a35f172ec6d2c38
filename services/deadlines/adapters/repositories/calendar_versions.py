"""The versions of the calendars in the database, and the lists of what they were shown to move."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadlines.adapters.tables import CALENDAR_MOVES, CALENDARS, CONTACTS, DEADLINES
from services.deadlines.domain.model.calendar import (
    CalendarState,
    CalendarVersion,
    ClosedDay,
    DayKind,
    one_after_another,
)
from services.deadlines.domain.model.deadline import State
from services.deadlines.domain.model.working_time import Holidays
from services.deadlines.domain.policy.moving import Counted, Move
from shared.database.batch import insert, upsert
from shared.policy.timetable import Basis
from shared.security.encryption import TableCipher

TABLE = "calendars"
_PLAIN = (
    "calendar",
    "version",
    "first",
    "last",
    "effective_from",
    "shipped",
    "proposed_by",
    "proposed_at",
    "settled_by",
    "settled_at",
)
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext('calendar ' || :calendar))")
KEPT = 50
"""Versions of one calendar that are read, the newest ones: those of years."""


class CalendarVersions:
    """Versions by calendar. The names that people gave are opened only where there is a cipher."""

    def __init__(self, connection: AsyncConnection, cipher: TableCipher | None = None) -> None:
        self._connection = connection
        self._cipher = cipher

    async def add_shipped(self, version: CalendarVersion) -> None:
        """Keeps the version that came with the software where the calendar has none yet."""
        found = await self._connection.execute(
            sa.select(CALENDARS.c.id).where(CALENDARS.c.calendar == version.calendar).limit(1)
        )
        if found.first() is None:
            await insert(self._connection, CALENDARS, [self._row(version)], conflict="ON CONFLICT DO NOTHING")

    async def newest(self, calendar: str, *, locked: bool = False) -> list[CalendarVersion]:
        """The calendar's versions, newest first; ``locked``: nobody else changes them until the commit."""
        query = sa.select(CALENDARS).where(CALENDARS.c.calendar == calendar).order_by(CALENDARS.c.version.desc())
        query = query.limit(KEPT)
        if locked:  # a lock of rows would not see a version that another proposal adds
            await self._connection.execute(_ONE_AT_A_TIME, {"calendar": calendar})
        found = await self._connection.execute(query.with_for_update() if locked else query)
        return [self._version(dict(row)) for row in found.mappings()]

    async def in_force_until(self, calendar: str, version: int) -> list[Holidays]:
        """What working time was computed from, one version after another, up to this one, which is the last."""
        return [one.holidays() for one in one_after_another(await self.newest(calendar), version)]

    async def save(self, version: CalendarVersion) -> None:
        """Writes a proposal, or how it was settled."""
        await upsert(self._connection, CALENDARS, [self._row(version)])

    async def running(self, *, due_from: datetime, now: datetime) -> list[Counted]:
        """Running clocks in working time that are due then or later: those before it no change of days can move."""
        clock = DEADLINES.c
        wanted = (clock.id, clock.contact_id, clock.kind, clock.policy, clock.starts_at, clock.due_at)
        query = sa.select(*wanted).where(
            clock.state == State.RUNNING.value,
            clock.basis != Basis.ELAPSED.value,
            clock.due_at >= max(due_from, now),
        )
        return [Counted(**_renamed(dict(row))) for row in (await self._connection.execute(query)).mappings()]

    async def keep_list(self, version: CalendarVersion, listed: Sequence[Move]) -> None:
        """Keeps what a proposal was shown to move, in the place of what it was shown to move before."""
        await self._connection.execute(sa.delete(CALENDAR_MOVES).where(CALENDAR_MOVES.c.calendar_id == version.id))
        names = Move.__slots__
        rows = [{"calendar_id": version.id} | {name: getattr(move, name) for name in names} for move in listed]
        await insert(self._connection, CALENDAR_MOVES, rows)

    async def list_of(self, version: CalendarVersion) -> list[Move]:
        """What the version was last shown to move, next due first."""
        kept = CALENDAR_MOVES.c
        query = sa.select(*(kept[name] for name in Move.__slots__)).where(kept.calendar_id == version.id)
        found = await self._connection.execute(query.order_by(kept.old_due_at, kept.deadline_id))
        return [Move(**dict(row)) for row in found.mappings()]

    async def references(self, contact_ids: Sequence[UUID]) -> dict[UUID, str]:
        """What people call these contacts."""
        query = sa.select(CONTACTS.c.contact_id, CONTACTS.c.reference).where(CONTACTS.c.contact_id.in_(contact_ids))
        return {row.contact_id: row.reference for row in await self._connection.execute(query)}

    def _row(self, version: CalendarVersion) -> dict[str, Any]:
        given = {day.date.isoformat(): day.name for day in version.days if day.local}
        sealed = None
        if given and self._cipher is not None:
            sealed = self._cipher.encrypt(json.dumps(given), column="names", row_id=version.id)
        days = [
            {"date": day.date.isoformat(), "kind": day.kind.value, "one_off": day.one_off, "local": day.local}
            | ({} if day.local else {"name": day.name})
            for day in version.days
        ]
        plain = {name: getattr(version, name) for name in _PLAIN}
        return {"id": version.id, "state": version.state.value, "days": days, "names": sealed} | plain

    def _version(self, row: dict[str, Any]) -> CalendarVersion:
        given: dict[str, str] = {}
        if row["names"] is not None and self._cipher is not None:
            given = json.loads(self._cipher.decrypt(bytes(row["names"]), column="names", row_id=row["id"]))
        days = tuple(
            ClosedDay(
                date=date.fromisoformat(day["date"]),
                name=day.get("name") or given.get(day["date"], ""),
                kind=DayKind(day["kind"]),
                one_off=day["one_off"],
                local=day["local"],
            )
            for day in row["days"]
        )
        plain = {name: row[name] for name in _PLAIN}
        return CalendarVersion(state=CalendarState(row["state"]), days=days, **plain)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {"deadline_id": row.pop("id"), **row}
