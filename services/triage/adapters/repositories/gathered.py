"""Reads and writes what cases are gathered with: each table in one statement, or in none where nothing can be in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.triage.adapters import tables
from services.triage.domain.model import Case
from shared.database.batch import insert, upsert

from . import gathered_rows as rows


class Read(Protocol):
    """Reads the rows of some contacts, ordered by these columns."""

    async def __call__(self, table: sa.Table, contact_ids: Sequence[UUID], *order: str) -> Sequence[Any]: ...


async def load_assignments(read: Read, cases: Mapping[UUID, Case], contact_ids: Sequence[UUID]) -> None:
    """Whose these cases were and are."""
    for row in await read(tables.ASSIGNMENTS, contact_ids, "number"):
        cases[row.contact_id].assignments.append(rows.assignment_from(row))
    for contact_id in contact_ids:
        cases[contact_id].kept_assignments = len(cases[contact_id].assignments)


async def load_gathered(read: Read, cases: Mapping[UUID, Case], contact_ids: Sequence[UUID]) -> None:
    """The checks of these cases with their answers, and what their referrers were asked."""
    for row in await read(tables.INFORMATION_REQUESTS, contact_ids, "requested_at", "id"):
        cases[row.contact_id].requests.append(rows.request_from(row))
    asked = await read(tables.CHECKS, contact_ids, "requested_at", "agency", "id")
    if not asked:
        return
    whose = list({row.contact_id for row in asked})
    answers = _by_check(await read(tables.CHECK_ANSWERS, whose, "number"))
    chases = _by_check(await read(tables.CHECK_CHASES, whose, "number"))
    for row in asked:
        cases[row.contact_id].checks.append(rows.check_from(row, answers[row.id], chases[row.id]))


def _by_check(found: Sequence[Any]) -> dict[UUID, list[Any]]:
    kept: dict[UUID, list[Any]] = defaultdict(list)
    for row in found:
        kept[row.check_id].append(row)
    return kept


async def flush_gathered(connection: AsyncConnection, cases: Sequence[Case]) -> None:
    """Writes what is new or has changed."""
    await insert(connection, tables.ASSIGNMENTS, [row for case in cases for row in rows.assignment_rows(case)])
    asked = [(case.contact_id, one) for case in cases for one in case.requests if one.changed]
    await upsert(connection, tables.INFORMATION_REQUESTS, [rows.request_row(*each) for each in asked])
    changed = {case.contact_id: [one for one in case.checks if one.changed] for case in cases}
    checks = [rows.check_row(contact_id, one) for contact_id, each in changed.items() for one in each]
    await upsert(connection, tables.CHECKS, checks)
    answers = [row for contact_id, each in changed.items() for row in rows.answer_rows(contact_id, each)]
    await insert(connection, tables.CHECK_ANSWERS, answers)
    chases = [row for contact_id, each in changed.items() for row in rows.chase_rows(contact_id, each)]
    await insert(connection, tables.CHECK_CHASES, chases)
