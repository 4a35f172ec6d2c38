"""What triage reads without locking: the queue, what waits for an echo, a case's history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.triage.domain.model import Stage

AT_WORK = (Stage.RECEIVED, Stage.RATED, Stage.OPENED, Stage.DECIDED)
"""What the queue shows where no stage is asked for: everything that is not done, and whatever asks for attention."""

_EXISTS = text("SELECT EXISTS (SELECT 1 FROM cases WHERE contact_id = :contact_id)")
_QUEUE = """
SELECT c.*, s.subjects, k.checks_open, k.checks_late FROM (
    SELECT * FROM cases
    WHERE {conditions}
    ORDER BY queue_tier, queue_rank, queue_at, contact_id LIMIT :most
) c LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('position', s.position, 'kind', s.kind, 'age', s.age,
                                        'rating', s.standing->'rating', 'route', s.standing->'routes'->0,
                                        'proposed_route', s.standing->'proposed_route',
                                        'flags', s.standing->'flags') ORDER BY s.position) AS subjects
    FROM subjects s WHERE s.contact_id = c.contact_id
) s ON true LEFT JOIN LATERAL (
    SELECT count(*) AS checks_open, count(*) FILTER (WHERE k.due_at < mash_now()) AS checks_late
    FROM checks k WHERE k.contact_id = c.contact_id AND k.answered_at IS NULL
) k ON true
ORDER BY c.queue_tier, c.queue_rank, c.queue_at, c.contact_id
"""
_STAGES = "stage = ANY(CAST(:stages AS text[]))"
_ATTENTION = "cardinality(attention) > 0"
_WORKED_ON_HERE, _WORKED_ON_ELSEWHERE = "duplicate_of IS NULL", "duplicate_of IS NOT NULL"
_CONDITIONS = {
    "rating": "rating = :rating",
    "team": "team = :team",
    "worker": "worker = :worker",
    "due_before": "next_due_at < CAST(:due_before AS timestamptz)",
    "unassigned": "(team IS NULL) = CAST(:unassigned AS boolean)",
    "breached": "(breached > 0) = CAST(:breached AS boolean)",
}
_AFTER = (
    "(queue_tier, queue_rank, queue_at, contact_id)"
    " > (CAST(:tier AS smallint), CAST(:rank AS integer), CAST(:at AS timestamptz), CAST(:id AS uuid))"
)
_HISTORY = text("SELECT * FROM history WHERE contact_id = :contact_id ORDER BY number")
_DUPLICATES = text("""
WITH RECURSIVE d (contact_id) AS (
    SELECT contact_id FROM links WHERE other_contact_id = :contact_id AND role = 'duplicate' AND unlinked_at IS NULL
    UNION
    SELECT l.contact_id FROM links l JOIN d ON l.other_contact_id = d.contact_id
    WHERE l.role = 'duplicate' AND l.unlinked_at IS NULL
)
SELECT contact_id FROM d WHERE contact_id <> :contact_id ORDER BY contact_id
""")
_STALLED = text("SELECT created_at < now() - interval '30 seconds' FROM outbox ORDER BY id LIMIT 1")
_OVERDUE = text("""
SELECT a.contact_id, a.echo, a.tries FROM awaited_echoes a JOIN contact_stream s USING (contact_id)
WHERE coalesce(a.tried_at, a.since) < now() - make_interval(secs => least(3600,
    CASE a.echo WHEN 'clocks' THEN CAST(:clocks AS float8) ELSE CAST(:informed AS float8) END
    * power(2, least(a.tries, 12))))
ORDER BY a.since LIMIT :most FOR UPDATE OF s SKIP LOCKED
""")
_TRIED = text(
    "UPDATE awaited_echoes SET tries = tries + 1, tried_at = now()"
    " WHERE contact_id = ANY(CAST(:ids AS uuid[])) AND (contact_id, echo) IN"
    " (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:echoes AS text[])))"
)
_STUCK = text("""
SELECT a.echo, count(*) AS subjects FROM awaited_echoes a JOIN subjects USING (contact_id)
WHERE a.tries > 0 GROUP BY a.echo
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of the queue is asked for; None: any. Without stages: what is at work, and whatever asks for attention."""

    stages: Sequence[Stage] = ()
    rating: str | None = None
    team: str | None = None
    worker: str | None = None
    due_before: datetime | None = None
    unassigned: bool | None = None
    breached: bool | None = None
    duplicates: bool = False
    """Those that are worked on elsewhere, instead of those that are worked on here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the queue: go on behind it."""

    tier: int
    rank: int
    at: datetime
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class Overdue:
    """An echo that has not come: which, and how often we have said it again."""

    contact_id: UUID
    echo: str
    tries: int


async def exists(connection: AsyncConnection, contact_id: UUID) -> bool:
    """Is there a case of this contact?"""
    return bool((await connection.execute(_EXISTS, {"contact_id": contact_id})).scalar_one())


def _which(wanted: Wanted) -> str:
    """A duplicate is worked on elsewhere: it shows among the others only while it asks for attention."""
    if wanted.duplicates:
        return f"{_STAGES} AND {_WORKED_ON_ELSEWHERE}"
    here = f"{_STAGES} AND {_WORKED_ON_HERE}"
    return here if wanted.stages else f"({here} OR {_ATTENTION})"


async def read_queue(connection: AsyncConnection, wanted: Wanted, *, after: Place | None, most: int) -> Sequence[Any]:
    """The next ``most`` cases of the queue with their subjects and open checks: what nobody could rate or what asks
    for attention first, then without a clock, then by clock.
    """
    parameters: dict[str, object] = {"stages": [one.value for one in wanted.stages or AT_WORK], "most": most}
    asked = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    conditions = [_which(wanted), *(_CONDITIONS[name] for name in asked)]
    if after is not None:
        conditions.append(_AFTER)
        parameters |= {"tier": after.tier, "rank": after.rank, "at": after.at, "id": after.contact_id}
    statement = _QUEUE.format(conditions=" AND ".join(conditions))
    return (await connection.execute(text(statement), parameters | asked)).all()


def subjects_of(row: Any) -> list[dict[str, Any]]:
    """The subjects of one row of the queue."""
    return (json.loads(row.subjects) if isinstance(row.subjects, str) else row.subjects) or []


async def read_history(connection: AsyncConnection, contact_id: UUID) -> Sequence[Any]:
    """Everything that was done to a case, in order."""
    return (await connection.execute(_HISTORY, {"contact_id": contact_id})).all()


async def duplicates_of(connection: AsyncConnection, contact_id: UUID) -> list[UUID]:
    """The contacts that are linked to this one as its duplicates, and theirs."""
    return list((await connection.execute(_DUPLICATES, {"contact_id": contact_id})).scalars())


async def bus_is_stalled(connection: AsyncConnection) -> bool:
    """Has what we said last not even left yet? Then saying it again helps nobody."""
    return bool((await connection.execute(_STALLED)).scalar_one_or_none())


async def overdue_echoes(
    connection: AsyncConnection, *, clocks_seconds: float, informed_seconds: float, most: int
) -> list[Overdue]:
    """Echoes that should have come, with their contacts locked; contacts that somebody works on are passed over.

    The wait doubles with each try, up to an hour. Real seconds.
    """
    parameters = {"clocks": clocks_seconds, "informed": informed_seconds, "most": most}
    rows = await connection.execute(_OVERDUE, parameters)
    return [Overdue(row.contact_id, row.echo, row.tries) for row in rows]


async def note_tries(connection: AsyncConnection, echoes: Sequence[Overdue]) -> None:
    """Notes that these were said again."""
    if echoes:
        await connection.execute(
            _TRIED, {"ids": [one.contact_id for one in echoes], "echoes": [one.echo for one in echoes]}
        )


async def stuck(connection: AsyncConnection) -> dict[str, int]:
    """How many subjects wait for an echo that did not come at the first try, by echo."""
    return {row.echo: row.subjects for row in await connection.execute(_STUCK)}
