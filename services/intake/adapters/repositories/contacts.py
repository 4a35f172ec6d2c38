"""The worker's and the staff routes' unit of work over intake's contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from services.intake.adapters import tables
from services.intake.domain.model.stages import Move, Stage, after, as_of
from shared.database.batch import insert
from shared.database.unit_of_work import Database, UnitOfWork

from .tellings import TellingRepository

_RATED = text(
    "UPDATE contacts c SET rated_at = u.at FROM unnest(CAST(:ids AS uuid[]), CAST(:at AS timestamptz[])) AS u(id, at)"
    " WHERE c.contact_id = u.id AND c.rated_at IS NULL"
)
_STAGES = text("SELECT contact_id, stage, reopened_at FROM contacts WHERE contact_id = ANY(CAST(:ids AS uuid[]))")
_MOVE = text(
    "UPDATE contacts c SET stage = u.stage, reopened_at = u.reopened_at"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:stages AS text[]), CAST(:reopened AS timestamptz[]))"
    " AS u(id, stage, reopened_at) WHERE c.contact_id = u.id"
)
_FORGET = (
    text(
        "UPDATE contacts SET body = NULL, organisation = NULL, sender_reference_index = NULL"
        " WHERE contact_id = :contact_id"
    ),
    text("DELETE FROM subjects WHERE contact_id = :contact_id"),
    text("DELETE FROM progress WHERE contact_id = :contact_id"),
)


class ContactRepository:
    """Collects what was heard of the locked contacts; writes each table once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._rated: dict[UUID, datetime] = {}
        self._moves: dict[UUID, list[tuple[Move, datetime]]] = {}
        self._heard: list[dict[str, object]] = []

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
        self._heard.append({**entry, "about": about, "codes": list(codes) or None})
        if move is not None:
            self._moves.setdefault(contact_id, []).append((move, at))

    async def flush(self) -> None:
        """Writes it all."""
        connection = self._work.connection
        if self._rated:
            await connection.execute(_RATED, {"ids": list(self._rated), "at": list(self._rated.values())})
        if self._moves:
            rows = (await connection.execute(_STAGES, {"ids": list(self._moves)})).all()
            moved = [_moved(Stage(row.stage), row.reopened_at, self._moves[row.contact_id]) for row in rows]
            parameters = {
                "ids": [row.contact_id for row in rows],
                "stages": [str(stage) for stage, _ in moved],
                "reopened": [reopened_at for _, reopened_at in moved],
            }
            await connection.execute(_MOVE, parameters)
        await insert(connection, tables.progress, self._heard, conflict="ON CONFLICT DO NOTHING")

    async def forget(self, contact_id: UUID) -> None:
        """Deletes body, subjects and progress; the row stays as the tombstone that staff can find."""
        for statement in _FORGET:
            await self._work.connection.execute(statement, {"contact_id": contact_id})


def _moved(
    stage: Stage, reopened_at: datetime | None, moves: Sequence[tuple[Move, datetime]]
) -> tuple[Stage, datetime | None]:
    for told, at in moves:
        move = as_of(told, at, reopened_at=reopened_at)
        stage = after(stage, move)
        if move is Move.REOPEN:
            reopened_at = at
    return stage, reopened_at


class IntakeUnitOfWork(UnitOfWork):
    """Intake's unit of work."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.contacts = ContactRepository(self)
        self.tellings = TellingRepository(self)
        self.enlist(self.contacts)
        self.enlist(self.tellings)
