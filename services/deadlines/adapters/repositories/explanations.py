"""What staff say of breaches: added with the commit, never changed. Notes are sealed with their contact's key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from uuid import UUID

import sqlalchemy as sa

from services.deadlines.adapters.tables import EXPLANATIONS
from services.deadlines.domain.model.explanation import Explanation
from shared.database.batch import insert
from shared.database.unit_of_work import UnitOfWork
from shared.security.encryption import ContactCipher

_FIELDS = tuple(field.name for field in fields(Explanation))
_KEYS = sa.text("SELECT contact_id, wrapped FROM contact_keys WHERE contact_id = ANY(CAST(:ids AS uuid[]))")


class ExplanationRepository:
    """The explanations that one unit of work adds. It loads none: what is added depends on nothing said before."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._added: list[Explanation] = []

    def add(self, explanation: Explanation) -> None:
        """Adds one with the commit."""
        self._added.append(explanation)

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Nothing."""

    async def flush(self) -> None:
        """Writes what was added."""
        rows = [{name: getattr(one, name) for name in _FIELDS} for one in self._added]
        await insert(self._work.connection, EXPLANATIONS, rows)

    async def forget(self, contact_id: UUID) -> None:
        """Nothing: codes and times belong to the ledger, and the words go with the contact's key."""


async def open_notes(work: UnitOfWork, sealed: Collection[tuple[UUID, UUID, bytes]]) -> dict[UUID, str]:
    """The words of explanations by their id, of (id, contact, sealed note); without those of forgotten contacts.

    Reads the keys and locks nobody: a list must not wait for those who work on its contacts.
    """
    wanted = sorted({contact_id for _, contact_id, _ in sealed})
    if not wanted:
        return {}
    keys, service = work.database.master_keys, work.database.service
    ciphers = {
        row.contact_id: ContactCipher(keys.unwrap(bytes(row.wrapped), service=service, owner=row.contact_id))
        for row in await work.connection.execute(_KEYS, {"ids": wanted})
    }
    return {
        row_id: ciphers[contact_id].decrypt(note, table="explanations", column="note", row_id=row_id)
        for row_id, contact_id, note in sealed
        if contact_id in ciphers
    }
