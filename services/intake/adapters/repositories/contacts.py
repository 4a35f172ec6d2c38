"""The worker's and the staff routes' unit of work over intake's contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from services.intake.adapters import tables
from shared.database.batch import insert
from shared.database.unit_of_work import Database, UnitOfWork
from shared.metrics import Metrics
from shared.security.encryption import BlindIndex

from .linking import Links
from .looking import Looks
from .outcomes import Outcomes

STAGES = ("received", "opened", "decided", "informed", "closed")

_RATED = text(
    "UPDATE contacts c SET rated_at = u.at FROM unnest(CAST(:ids AS uuid[]), CAST(:at AS timestamptz[])) AS u(id, at)"
    " WHERE c.contact_id = u.id AND c.rated_at IS NULL"
)
_STAGE = text(
    "UPDATE contacts c SET stage = u.stage FROM unnest(CAST(:ids AS uuid[]), CAST(:stages AS text[])) AS u(id, stage)"
    " WHERE c.contact_id = u.id"
    " AND array_position(CAST(:order AS text[]), u.stage) > array_position(CAST(:order AS text[]), c.stage)"
)
_FORGET = (
    text(
        "UPDATE contacts SET body = NULL, organisation = NULL, kept = NULL, follows_contact_id = NULL,"
        " follows_reference = NULL, closed_reason = NULL WHERE contact_id = :contact_id"
    ),
    text("UPDATE contacts SET follows_contact_id = NULL WHERE follows_contact_id = :contact_id"),
    text("DELETE FROM subject_index WHERE contact_id = :contact_id"),
    text("DELETE FROM match_proposals WHERE contact_id = :contact_id OR other_contact_id = :contact_id"),
    text("DELETE FROM links WHERE contact_id = :contact_id OR other_contact_id = :contact_id"),
    text("DELETE FROM histories WHERE contact_id = :contact_id"),
    text("DELETE FROM looks_due WHERE contact_id = :contact_id"),
    text("DELETE FROM subjects WHERE contact_id = :contact_id"),
    text("DELETE FROM progress WHERE contact_id = :contact_id"),
)


class ContactRepository:
    """Collects what was heard of the locked contacts; writes it in three statements."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._rated: dict[UUID, datetime] = {}
        self._stages: dict[UUID, str] = {}
        self._heard: list[dict[str, object]] = []

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Nothing needs to be known to note what was heard."""
        del contact_ids

    def rated(self, contact_id: UUID, at: datetime) -> None:
        """The echo of our announcement: triage has rated the contact."""
        self._rated.setdefault(contact_id, at)

    def heard(self, contact_id: UUID, *, event_id: UUID, what: str, at: datetime, stage: str | None = None) -> None:
        """Notes what another service said of a contact; ``stage`` moves the contact on, never back."""
        self._heard.append({"event_id": event_id, "contact_id": contact_id, "at": at, "what": what})
        known = self._stages.get(contact_id)
        if stage is not None and (known is None or STAGES.index(stage) > STAGES.index(known)):
            self._stages[contact_id] = stage

    async def flush(self) -> None:
        """Writes it all."""
        connection = self._work.connection
        if self._rated:
            await connection.execute(_RATED, {"ids": list(self._rated), "at": list(self._rated.values())})
        if self._stages:
            await connection.execute(
                _STAGE, {"ids": list(self._stages), "stages": list(self._stages.values()), "order": list(STAGES)}
            )
        await insert(connection, tables.progress, self._heard, conflict="ON CONFLICT DO NOTHING")

    async def forget(self, contact_id: UUID) -> None:
        """Deletes body, subjects, what finds them again, progress; the row stays as the tombstone that staff find."""
        for statement in _FORGET:
            await self._work.connection.execute(statement, {"contact_id": contact_id})


class IntakeUnitOfWork(UnitOfWork):
    """Intake's unit of work."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.contacts = ContactRepository(self)
        self.outcomes = Outcomes(self)
        self.links = Links(self)
        self.enlist(self.contacts)
        self.enlist(self.outcomes)


class MatchingUnitOfWork(IntakeUnitOfWork):
    """The unit of work of the matching loop."""

    def __init__(self, database: Database, blind: BlindIndex, metrics: Metrics) -> None:
        super().__init__(database)
        self.looks = Looks(self, blind, metrics)
