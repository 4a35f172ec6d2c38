"""One transaction over triage's database, and what it loads and writes."""

from __future__ import annotations

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
