"""What every worker does on the side: gauges of what is behind, the audit's seals, forgetting what has had its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.topics import RETENTION_DAYS, topics_heard_by
from shared.logging import get_logger
from shared.security.audit import seal

from . import inbox, parking

if TYPE_CHECKING:
    from shared.service import Platform

IDEMPOTENCY_DAYS = 30
GAP_PATIENCE_SECONDS = 60

log = get_logger()

_OUTBOX = text("SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox")
_PARKED = text("SELECT topic, count(*) FROM parked WHERE settled_at IS NULL GROUP BY topic")
_GAPS = text(
    "SELECT p.contact_id, p.producer, coalesce((s.seen ->> p.producer)::int, 0) + 1 AS missing"
    " FROM parked p JOIN contact_stream s USING (contact_id)"
    " WHERE p.settled_at IS NULL AND p.state = 'waiting' AND p.reason = 'gap'"
    " AND p.parked_at < now() - make_interval(secs => :patience) LIMIT 20"
)
_NOW = text("SELECT mash_now()")
_FORGET = [
    text(f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE {when} LIMIT 5000)")
    for table, when in (
        ("inbox", f"received_at < now() - interval '{inbox.KEEP_DAYS} days'"),
        ("event_log", f"created_at < now() - interval '{RETENTION_DAYS} days'"),
        ("parked", f"settled_at < now() - interval '{parking.KEEP_DAYS} days'"),
        ("idempotency", f"created_at < now() - interval '{IDEMPOTENCY_DAYS} days'"),
    )
]


async def _alarm_gaps(platform: Platform, connection: AsyncConnection) -> None:
    """An event missing for a minute is alarmed, with what fills the gap; nothing else happens: it may yet come."""
    gaps = (await connection.execute(_GAPS, {"patience": GAP_PATIENCE_SECONDS})).all()
    platform.metrics.stuck("gap", len(gaps))
    for gap in gaps:
        log.error(
            "an event is missing: run `mash republish` for this producer and contact",
            producer=gap.producer,
            contact_id=str(gap.contact_id),
            sequence=gap.missing,
        )


async def keep_house(platform: Platform) -> None:
    """One round: every ten seconds in every worker; harmless in parallel."""
    async with platform.engine.connect() as connection:
        waiting, oldest = (await connection.execute(_OUTBOX)).one()
        platform.metrics.outbox(waiting, oldest)
        parked: dict[str, int] = {row[0]: row[1] for row in (await connection.execute(_PARKED)).all()}
        for topic in {*topics_heard_by(platform.settings.service), *parked}:
            platform.metrics.parked_now(topic, parked.get(topic, 0))
        await _alarm_gaps(platform, connection)
    async with platform.engine.begin() as connection:
        await seal(connection, now=(await connection.execute(_NOW)).scalar_one())
    async with platform.engine.begin() as connection:
        for statement in _FORGET:
            await connection.execute(statement)
