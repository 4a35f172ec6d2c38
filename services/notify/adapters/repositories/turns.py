"""How often recipients of alerts have been written to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

import sqlalchemy as sa

from services.notify.domain.model import Turn
from shared.database.unit_of_work import UnitOfWork

_MAKE = sa.text("INSERT INTO alert_turns (mark, pages) VALUES (:mark, :pages) ON CONFLICT DO NOTHING")
_READ = sa.text("SELECT * FROM alert_turns WHERE mark = :mark AND pages = :pages FOR UPDATE")
_WRITE = sa.text(
    "UPDATE alert_turns SET started_at = :started_at, last_at = :last_at, letters = :letters"
    " WHERE mark = :mark AND pages = :pages"
)


class TurnTable:
    """Locked in one order, so that two couriers wait for each other but never for ever."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def lock(self, keys: Collection[tuple[bytes, bool]]) -> dict[tuple[bytes, bool], Turn]:
        """Locks and reads these, making those that are not there."""
        found: dict[tuple[bytes, bool], Turn] = {}
        for mark, pages in sorted(keys):
            key = {"mark": mark, "pages": pages}
            await self._work.connection.execute(_MAKE, key)
            row = (await self._work.connection.execute(_READ, key)).mappings().one()
            found[mark, pages] = Turn(
                mark=mark,
                pages=pages,
                started_at=row["started_at"],
                last_at=row["last_at"],
                letters=row["letters"],
            )
        return found

    async def save(self, turns: Iterable[Turn]) -> None:
        """Writes locked ones back."""
        for turn in turns:
            await self._work.connection.execute(_WRITE, asdict(turn))
