"""The duty ladder and the rota."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.notify.adapters.tables import DUTY_LADDER, DUTY_ROTA
from services.notify.domain.model import EMAIL, DutyPeriod, Ladder, Rota
from shared.database.unit_of_work import UnitOfWork
from shared.security.encryption import TableCipher

from .kept import Kept, Row

_FIELDS: Final = tuple(field.name for field in fields(Ladder))
_ROTA: Final = "rota"
_WRITE = sa.text(
    "INSERT INTO duty_rota (one_row, version, periods, changed_at, changed_by)"
    " VALUES (true, :version, :periods, :at, :by) ON CONFLICT (one_row) DO UPDATE"
    " SET version = excluded.version, periods = excluded.periods, changed_at = excluded.changed_at,"
    " changed_by = excluded.changed_by"
)


class LadderRepository(Kept[Ladder]):
    """The climbs of the locked contacts."""

    def __init__(self, work: UnitOfWork) -> None:
        super().__init__(work, DUTY_LADDER)

    def of(self, contact_id: UUID) -> Sequence[Ladder]:
        """All of a locked contact's."""
        return list(self._objects[contact_id].values())

    def add(self, ladder: Ladder) -> None:
        """Begins a climb; where one for the same cause was begun, nothing changes."""
        self._objects[ladder.contact_id].setdefault((ladder.contact_id, ladder.cause), ladder)

    def to_row(self, kept: Ladder) -> Row:
        """The row of a climb."""
        return {name: getattr(kept, name) for name in _FIELDS}

    def from_row(self, row: Row) -> Ladder:
        """The climb of a row."""
        return Ladder(**{name: row[name] for name in _FIELDS})


class RotaTable:
    """The rota, sealed as a whole: it holds people's addresses."""

    def __init__(self, work: UnitOfWork, cipher: TableCipher) -> None:
        self._work = work
        self._cipher = cipher

    async def read(self) -> tuple[int, Rota]:
        """The rota and its version; version 0 and nobody before the first was written."""
        row = (await self._work.connection.execute(sa.select(DUTY_ROTA))).one_or_none()
        if row is None:
            return 0, Rota()
        kept: Any = json.loads(self._cipher.decrypt(bytes(row.periods), column="periods", row_id=_ROTA))
        if isinstance(kept, list):  # as it was written before roles had a team's address
            kept = {"periods": kept, "teams": {}}
        return row.version, Rota(periods=tuple(_period(each) for each in kept["periods"]), teams=kept["teams"])

    async def lock(self) -> None:
        """Makes a second writer wait for the first, so that its If-Match is judged by what the first wrote."""
        await self._work.connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('mash duty rota'))"))

    async def write(self, rota: Rota, *, version: int, by: str) -> None:
        """Replaces the rota by this version."""
        content = json.dumps({"periods": [_plain(each) for each in rota.periods], "teams": dict(rota.teams)})
        sealed = self._cipher.encrypt(content, column="periods", row_id=_ROTA)
        row = {"version": version, "periods": sealed, "at": self._work.now, "by": by}
        await self._work.connection.execute(_WRITE, row)


def _plain(period: DutyPeriod) -> dict[str, Any]:
    return {
        "id": str(period.id),
        "role": period.role,
        "address": period.address,
        "starts_at": period.starts_at.isoformat(),
        "ends_at": period.ends_at.isoformat(),
        "absent": period.absent,
        "channel": period.channel,
        "person": period.person,
    }


def _period(kept: dict[str, Any]) -> DutyPeriod:
    return DutyPeriod(
        id=UUID(kept["id"]),
        role=kept["role"],
        address=kept["address"],
        starts_at=datetime.fromisoformat(kept["starts_at"]),
        ends_at=datetime.fromisoformat(kept["ends_at"]),
        absent=kept["absent"],
        channel=kept.get("channel", EMAIL),
        person=kept.get("person"),
    )
