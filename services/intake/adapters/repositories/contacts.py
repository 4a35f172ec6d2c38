"""The worker's and the staff routes' unit of work over intake's contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.adapters import tables
from services.intake.domain.model.stages import Move, stage_after
from shared.database.batch import insert
from shared.database.unit_of_work import Database, UnitOfWork
from shared.metrics import Metrics
from shared.security.encryption import BlindIndex

from .linking import Links
from .looking import Looks
from .outcomes import Outcomes
from .tellings import TellingRepository

_RATED = text(
    "UPDATE contacts c SET rated_at = u.at FROM unnest(CAST(:ids AS uuid[]), CAST(:at AS timestamptz[])) AS u(id, at)"
    " WHERE c.contact_id = u.id AND c.rated_at IS NULL"
)
_MOVES = text(
    "SELECT contact_id, move, at FROM progress WHERE contact_id = ANY(CAST(:ids AS uuid[])) AND move IS NOT NULL"
)
_STAGE = text(
    "UPDATE contacts c SET stage = u.stage FROM unnest(CAST(:ids AS uuid[]), CAST(:stages AS text[])) AS u(id, stage)"
    " WHERE c.contact_id = u.id"
)
_FORGET = (
    text(
        "UPDATE contacts SET body = NULL, organisation = NULL, kept = NULL, follows_contact_id = NULL,"
        " follows_reference = NULL, closed_reason = NULL, sender_reference_index = NULL WHERE contact_id = :contact_id"
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
    """Collects what was heard of the locked contacts; writes each table once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._rated: dict[UUID, datetime] = {}
        self._heard: list[dict[str, Any]] = []

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Nothing needs to be known to note what was heard."""
        del contact_ids

    def rated(self, contact_id: UUID, at: datetime) -> None:
        """The echo of our announcement: triage has rated the contact."""
        self._rated.setdefault(contact_id, at)

    def heard(
        self,
        contact_id: UUID,
        *,
        event_id: UUID,
        what: str,
        at: datetime,
        move: Move | None = None,
        about: UUID | None = None,
        codes: Sequence[str] = (),
    ) -> None:
        """Notes once, under ``event_id``, what another service said of a contact, and moves its stage by ``move``."""
        entry = {"event_id": event_id, "contact_id": contact_id, "at": at, "what": str(what)}
        told = {"about": about, "codes": list(codes) or None, "move": None if move is None else move.value}
        self._heard.append({**entry, **told})

    async def flush(self) -> None:
        """Writes it all."""
        connection = self._work.connection
        if self._rated:
            await connection.execute(_RATED, {"ids": list(self._rated), "at": list(self._rated.values())})
        await insert(connection, tables.progress, self._heard, conflict="ON CONFLICT DO NOTHING")
        moved = {one["contact_id"] for one in self._heard if one["move"] is not None}
        if moved:
            await self._move(connection, sorted(moved))

    async def _move(self, connection: AsyncConnection, contact_ids: Sequence[UUID]) -> None:
        """The contacts' stages follow from all that was heard of them."""
        made: dict[UUID, list[tuple[Move, datetime]]] = {contact_id: [] for contact_id in contact_ids}
        for row in await connection.execute(_MOVES, {"ids": list(contact_ids)}):
            made[row.contact_id].append((Move(row.move), row.at))
        stages = [stage_after(moves).value for moves in made.values()]
        await connection.execute(_STAGE, {"ids": list(made), "stages": stages})

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
        self.tellings = TellingRepository(self)
        self.enlist(self.contacts)
        self.enlist(self.outcomes)
        self.enlist(self.tellings)


class MatchingUnitOfWork(IntakeUnitOfWork):
    """The unit of work of the matching loop."""

    def __init__(self, database: Database, blind: BlindIndex, metrics: Metrics) -> None:
        super().__init__(database)
        self.looks = Looks(self, blind, metrics)
