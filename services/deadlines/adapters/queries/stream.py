"""What has been said of clocks since a snapshot: the stream's reading. Nothing is lost to a late commit.

A position is not a number: transactions commit in another order than they begin or draw numbers in, so that "greater
than the last" would pass over what commits late. A position here is a snapshot of the database: what has been committed
since is what is visible now and was not visible then (docs/decisions/the-stream-reads-by-snapshot.md).
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts.topics import RETENTION_DAYS

PAGE: Final = 500
KEPT_SECONDS: Final = (RETENTION_DAYS - 1) * 86_400
MOST_CHARACTERS: Final = 16_000
"""A snapshot names every transaction that was open: a few numbers, hundreds on a very busy day."""

_NOTHING: Final = UUID(int=0)
_SNAPSHOT: Final = r"\d{1,18}:\d{1,18}:(?:\d{1,18}(?:,\d{1,18})*)?"
_TEXT: Final = re.compile(rf"(\d{{1,10}})~({_SNAPSHOT})(?:~({_SNAPSHOT})~([0-9a-f]{{32}})~(\d{{1,9}}))?", re.ASCII)
_NOT_A_SNAPSHOT: Final = "22P02"
_READABLE: Final = sa.text("SELECT CAST(CAST(:seen AS text) AS pg_snapshot), CAST(CAST(:until AS text) AS pg_snapshot)")
_NOW: Final = sa.text("SELECT CAST(extract(epoch FROM now()) AS bigint), CAST(pg_current_snapshot() AS text)")
_BIGINT: Final = "CAST(CAST({} AS text) AS bigint)"
_XID: Final = "CAST(CAST(l.said_in AS text) AS xid8)"
# The keys first, by the index on said_in: sorting by the primary key must not tempt the planner to walk all of it.
_PAGE: Final = sa.text(
    "WITH bounds AS MATERIALIZED"
    " (SELECT CAST(CAST(:seen AS text) AS pg_snapshot) AS seen, CAST(CAST(:until AS text) AS pg_snapshot) AS until),"
    " said AS MATERIALIZED (SELECT l.contact_id, l.sequence FROM event_log l, bounds"
    f" WHERE l.said_in >= {_BIGINT.format('pg_snapshot_xmin(CAST(CAST(:seen AS text) AS pg_snapshot))')}"
    f" AND l.said_in < {_BIGINT.format('pg_snapshot_xmax(CAST(CAST(:until AS text) AS pg_snapshot))')}"
    f" AND NOT pg_visible_in_snapshot({_XID}, bounds.seen) AND pg_visible_in_snapshot({_XID}, bounds.until)),"
    " page AS (SELECT contact_id, sequence FROM said WHERE (contact_id, sequence) > (:contact_id, :sequence)"
    " ORDER BY contact_id, sequence LIMIT :most)"
    " SELECT l.contact_id, l.sequence, l.event_id, l.headers, convert_from(l.value, 'UTF8') AS value"
    " FROM page JOIN event_log l USING (contact_id, sequence) ORDER BY l.contact_id, l.sequence"
)


class CursorUnreadable(Exception):
    """Not the text of one of our positions."""


class CursorOutlived(Exception):
    """What came after it is no longer kept, or it is of another life of this database (restored from a dump)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far somebody has read: everything in ``seen``, and of what ``until`` adds, up to one contact's event.

    ``at`` is when ``until`` was taken, in seconds of real time: what has left the event log since cannot be read again.
    """

    at: int
    seen: str
    until: str
    contact_id: UUID = _NOTHING
    sequence: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """The position of an event's id. Raises CursorUnreadable."""
        found = _TEXT.fullmatch(text) if len(text) <= MOST_CHARACTERS else None
        if found is None:
            raise CursorUnreadable
        at, seen, until, contact, sequence = found.groups()
        if until is None:
            return cls(at=int(at), seen=seen, until=seen)
        return cls(at=int(at), seen=seen, until=until, contact_id=UUID(contact), sequence=int(sequence))

    def __str__(self) -> str:
        """As it travels in an event's id."""
        if self.seen == self.until:
            return f"{self.at}~{self.seen}"
        return f"{self.at}~{self.seen}~{self.until}~{self.contact_id.hex}~{self.sequence}"

    def towards(self, later: Position) -> Position:
        """From having read all of ours on to all of ``later``."""
        return Position(at=later.at, seen=self.until, until=later.until)

    def at_event(self, row: Any) -> Position:
        """Up to this event."""
        return replace(self, contact_id=row.contact_id, sequence=row.sequence)


async def position_now(engine: AsyncEngine) -> Position:
    """Everything that is committed now has been read."""
    async with engine.connect() as connection:
        at, snapshot = (await connection.execute(_NOW)).one()
    return Position(at=at, seen=snapshot, until=snapshot)


async def pages(engine: AsyncEngine, position: Position) -> AsyncGenerator[Sequence[Any]]:
    """What ``until`` adds to ``seen``, from the position on: each contact's events in their order."""
    while position.seen != position.until:
        values = {"seen": position.seen, "until": position.until, "most": PAGE}
        async with engine.connect() as connection:
            place = {"contact_id": position.contact_id, "sequence": position.sequence}
            found = (await connection.execute(_PAGE, values | place)).all()
        if found:
            yield found
        if len(found) < PAGE:
            return
        position = position.at_event(found[-1])


async def refuse_unreadable(engine: AsyncEngine, position: Position) -> None:
    """Raises CursorUnreadable where PostgreSQL cannot read its snapshots, CursorOutlived where nothing follows it."""
    now = await position_now(engine)
    try:
        async with engine.connect() as connection:
            await connection.execute(_READABLE, {"seen": position.seen, "until": position.until})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _NOT_A_SNAPSHOT:
            raise CursorUnreadable from None
        raise
    ahead = int(position.until.split(":")[1]) > int(now.until.split(":")[1])
    if ahead or now.at - position.at > KEPT_SECONDS:
        raise CursorOutlived
