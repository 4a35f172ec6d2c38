"""Rows read once, changed as objects, and written back where they differ from what was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.batch import upsert
from shared.database.unit_of_work import UnitOfWork

T = TypeVar("T")
Row = dict[str, Any]


class Kept(Generic[T]):
    """The objects of one table that belong to the locked contacts."""

    def __init__(self, work: UnitOfWork, table: sa.Table) -> None:
        self._work = work
        self._table = table
        self._objects: dict[UUID, dict[Any, T]] = {}
        self._read: dict[Any, Row] = {}

    def to_row(self, kept: T) -> Row:
        """The row of an object."""
        raise NotImplementedError

    def from_row(self, row: Row) -> T:
        """The object of a row."""
        raise NotImplementedError

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Reads what is kept of these contacts, in one query."""
        for contact_id in contact_ids:
            self._objects.setdefault(contact_id, {})
        for row in await rows_of(self._work.connection, self._table, contact_ids):
            kept = self.from_row(row)
            self._objects[row["contact_id"]][self.key(row)] = kept
            self._read[self.key(row)] = self.to_row(kept)

    async def flush(self) -> None:
        """Writes the rows that have changed, in one statement."""
        rows = [self.to_row(kept) for kept in self._all()]
        await upsert(self._work.connection, self._table, [row for row in rows if self._read.get(self.key(row)) != row])

    async def forget(self, contact_id: UUID) -> None:
        """Deletes what is kept of a contact."""
        await self._work.connection.execute(sa.delete(self._table).where(self._table.c.contact_id == contact_id))
        self._objects[contact_id] = {}

    def key(self, row: Row) -> tuple[Any, ...]:
        """A row's primary key."""
        return tuple(row[column.name] for column in self._table.primary_key)

    def _all(self) -> Iterable[T]:
        return [kept for objects in self._objects.values() for kept in objects.values()]


async def rows_of(connection: AsyncConnection, table: sa.Table, contact_ids: Sequence[UUID]) -> list[Row]:
    """All rows of ``table`` about these contacts."""
    ids = sa.bindparam("ids", list(contact_ids), type_=ARRAY(UUID_TYPE))
    found = await connection.execute(sa.select(table).where(table.c.contact_id == sa.any_(ids)))
    return [dict(row) for row in found.mappings()]


def plain(value: Any) -> Any:
    """A value as it comes back from a JSON column: so that what was read and what is written can be compared."""
    return json.loads(json.dumps(value, default=str))
