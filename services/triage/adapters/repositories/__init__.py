"""One transaction over triage's database, and what it loads and writes."""

from __future__ import annotations

from uuid import UUID

from services.triage.adapters import queries
from shared.database.unit_of_work import Database, UnitOfWork
from shared.policy.model import Pack

from .cases import CaseRepository

__all__ = ["CaseRepository", "TriageUnitOfWork"]


class TriageUnitOfWork(UnitOfWork):
    """A unit of work that knows cases, and the policy pack in force."""

    def __init__(self, database: Database, pack: Pack) -> None:
        super().__init__(database)
        self.pack = pack
        self.cases = CaseRepository(self)
        self.enlist(self.cases)

    async def lock_duplicates(self, contact_id: UUID) -> None:
        """Locks the contact and all that are linked to it as duplicates, in the order of their ids."""
        found = {contact_id, *await queries.duplicates_of(self.connection, contact_id)}
        await self.lock(found)
        # Whoever links another one holds the contact's lock meanwhile: from here on there are no more.
        await self.lock(set(await queries.duplicates_of(self.connection, contact_id)) - found)
