"""Cases in the database: read for many contacts at once, each table written in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.triage.adapters import tables
from services.triage.domain.model import Case, Echo, Stage, Subject
from shared.database.batch import insert, upsert
from shared.database.unit_of_work import UnitOfWork

from . import gathered, heard_rows, rows, work_rows

_WAIT = "ON CONFLICT (contact_id, echo) DO UPDATE SET since = now(), tries = 0, tried_at = NULL"
_HEARD = sa.text(
    "DELETE FROM awaited_echoes a USING unnest(CAST(:ids AS uuid[]), CAST(:echoes AS text[])) AS u(contact_id, echo)"
    " WHERE a.contact_id = u.contact_id AND a.echo = u.echo"
)
_REMOVE = sa.text(
    "DELETE FROM subjects s USING unnest(CAST(:ids AS uuid[]), CAST(:subjects AS uuid[])) AS u(contact_id, subject_id)"
    " WHERE s.contact_id = u.contact_id AND s.subject_id = u.subject_id"
)
# The documents of a rating are read as text: most events about a case never look at them.
_SUBJECTS = sa.text(
    'SELECT contact_id, subject_id, "position", kind, child_id, age::text AS age, facts::text AS facts,'
    " standing::text AS standing, machine::text AS machine, rated_by, lowering::text AS lowering, placeholder,"
    " history::text AS history"
    ' FROM subjects WHERE contact_id = ANY(CAST(:ids AS uuid[])) ORDER BY contact_id, "position", subject_id'
)
_FORGET = [
    sa.text(f"DELETE FROM {name} WHERE contact_id = :contact_id")
    for name in (
        *("cases", "subjects", "decisions", "discussions", "milestones", "history", "awaited_echoes"),
        *("assignments", "checks", "check_answers", "check_chases", "information_requests"),
        *("links", "challenges"),
    )
]


class CaseRepository:
    """The cases of one unit of work, each loaded once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._cases: dict[UUID, Case] = {}

    def get(self, contact_id: UUID) -> Case | None:
        """The case of a locked contact; None where nothing has been heard of it yet."""
        return self._cases.get(contact_id)

    def get_or_new(self, contact_id: UUID) -> Case:
        """The case of a locked contact, made where this is the first that is heard of it."""
        return self._cases.setdefault(contact_id, Case(contact_id=contact_id))

    def duplicates_of(self, contact_id: UUID) -> Sequence[Case]:
        """The loaded cases that are linked to this contact as its duplicates."""
        found = [case for case in self._cases.values() if case.heard.duplicate_of == contact_id]
        return sorted(found, key=lambda case: case.contact_id)

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Reads what is kept of these contacts. Parts that only staff make are read for opened cases alone."""
        found = await self._read(tables.CASES, contact_ids)
        for row in found:
            self._cases[row.contact_id] = rows.case_from(row)
            heard_rows.add_heard_columns(self._cases[row.contact_id], row)
        if not found:
            return
        ids = [row.contact_id for row in found]
        await self._load_heard(ids)
        subjects = await self._work.connection.execute(_SUBJECTS, {"ids": ids})
        for contact_id, kept in _by_contact(subjects).items():
            self._cases[contact_id].read_subjects = _reader(kept)
        assigned = [row.contact_id for row in found if row.team is not None]
        if assigned:
            await gathered.load_assignments(self._read, self._cases, assigned)
        nobodys = (Stage.RECEIVED, Stage.RATED)
        worked_on = [row.contact_id for row in found if row.opened_at is not None or row.stage not in nobodys]
        if worked_on:
            await self._load_work(worked_on)

    async def _load_heard(self, contact_ids: Sequence[UUID]) -> None:
        for row in await self._read(tables.LINKS, contact_ids):
            self._cases[row.contact_id].heard.links[row.link_id] = heard_rows.link_from(row)
        for row in await self._read(tables.CHALLENGES, contact_ids, "challenged_at", "id"):
            self._cases[row.contact_id].heard.challenges[row.id] = heard_rows.challenge_from(row)

    async def _load_work(self, contact_ids: Sequence[UUID]) -> None:
        for row in await self._read(tables.DECISIONS, contact_ids, "decided_at", "id"):
            self._cases[row.contact_id].decisions.append(work_rows.decision_from(row))
        for row in await self._read(tables.DISCUSSIONS, contact_ids, "recorded_at", "id"):
            self._cases[row.contact_id].discussions.append(work_rows.discussion_from(row))
        for row in await self._read(tables.MILESTONES, contact_ids, "recorded_at", "id"):
            self._cases[row.contact_id].milestones.append(work_rows.milestone_from(row))
        for contact_id in contact_ids:
            case = self._cases[contact_id]
            case.kept_milestones = len(case.milestones)
        await gathered.load_gathered(self._read, self._cases, contact_ids)

    async def _read(self, table: sa.Table, contact_ids: Sequence[UUID], *order: str) -> Sequence[Any]:
        chosen = table.c.contact_id == sa.any_(sa.cast(sa.literal(list(contact_ids)), sa.ARRAY(sa.UUID)))
        statement = sa.select(table).where(chosen).order_by(*(table.c[name] for name in order))
        return (await self._work.connection.execute(statement)).all()

    async def flush(self) -> None:
        """Writes the changed cases and their changed parts."""
        cases = [case for case in self._cases.values() if case.changed]
        if not cases:
            return
        connection = self._work.connection
        await upsert(connection, tables.CASES, [rows.case_row(case) | heard_rows.heard_columns(case) for case in cases])
        await self._flush_heard(connection, cases)
        await self._flush_subjects(connection, cases)
        await upsert(
            connection,
            tables.DECISIONS,
            [work_rows.decision_row(case.contact_id, one) for case in cases for one in case.decisions if one.changed],
        )
        discussed = [(case.contact_id, one) for case in cases for one in case.discussions if one.changed]
        await upsert(connection, tables.DISCUSSIONS, [work_rows.discussion_row(*each) for each in discussed])
        reached = [(case.contact_id, one) for case in cases for one in case.milestones[case.kept_milestones :]]
        await insert(connection, tables.MILESTONES, [work_rows.milestone_row(*each) for each in reached])
        entries = [work_rows.entry_row(case.contact_id, entry) for case in cases for entry in case.new_entries]
        await insert(connection, tables.HISTORY, entries)
        await gathered.flush_gathered(connection, cases)
        await self._flush_echoes(connection, cases)

    async def _flush_heard(self, connection: AsyncConnection, cases: Sequence[Case]) -> None:
        links = [(case.contact_id, link) for case in cases for link in case.heard.links.values() if link.changed]
        await upsert(connection, tables.LINKS, [heard_rows.link_row(*each) for each in links])
        challenged = [(case.contact_id, one) for case in cases for one in case.heard.challenges.values() if one.changed]
        await upsert(connection, tables.CHALLENGES, [heard_rows.challenge_row(*each) for each in challenged])

    async def _flush_subjects(self, connection: AsyncConnection, cases: Sequence[Case]) -> None:
        changed = [
            rows.subject_row(case.contact_id, subject)
            for case in cases
            for subject in case.known_subjects or ()
            if subject.changed
        ]
        await upsert(connection, tables.SUBJECTS, changed)
        removed = [(case.contact_id, subject_id) for case in cases for subject_id in case.removed]
        if removed:
            ids, subjects = zip(*removed, strict=True)
            await connection.execute(_REMOVE, {"ids": list(ids), "subjects": list(subjects)})

    async def _flush_echoes(self, connection: AsyncConnection, cases: Sequence[Case]) -> None:
        waiting = [(case.contact_id, echo) for case in cases for echo, wait in case.echoes.items() if wait]
        await insert(connection, tables.AWAITED_ECHOES, [_awaited(*each) for each in waiting], conflict=_WAIT)
        heard = [(case.contact_id, echo) for case in cases for echo, wait in case.echoes.items() if not wait]
        if heard:
            ids, echoes = zip(*heard, strict=True)
            await connection.execute(_HEARD, {"ids": list(ids), "echoes": [echo.value for echo in echoes]})

    async def forget(self, contact_id: UUID) -> None:
        """Deletes everything that is kept of a contact."""
        self._cases.pop(contact_id, None)
        for statement in _FORGET:
            await self._work.connection.execute(statement, {"contact_id": contact_id})


def _awaited(contact_id: UUID, echo: Echo) -> dict[str, object]:
    return {"contact_id": contact_id, "echo": echo.value}


def _by_contact(found: Iterable[Any]) -> dict[UUID, list[Any]]:
    kept: dict[UUID, list[Any]] = defaultdict(list)
    for row in found:
        kept[row.contact_id].append(row)
    return kept


def _reader(kept: Sequence[Any]) -> Callable[[], list[Subject]]:
    return lambda: [rows.subject_from(row) for row in kept]
