"""What every worker does on the side: gauges of what is behind, the audit's seals, forgetting what has had its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from shared.contracts.topics import RETENTION_DAYS, topics_heard_by
from shared.security.audit import seal

from . import inbox, parking

if TYPE_CHECKING:
    from shared.service import Platform

IDEMPOTENCY_DAYS = 30

_OUTBOX = text("SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox")
_PARKED = text("SELECT topic, count(*) FROM parked WHERE settled_at IS NULL GROUP BY topic")
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


async def keep_house(platform: Platform) -> None:
    """One round: every ten seconds in every worker; harmless in parallel."""
    async with platform.engine.connect() as connection:
        waiting, oldest = (await connection.execute(_OUTBOX)).one()
        platform.metrics.outbox(waiting, oldest)
        parked: dict[str, int] = {row[0]: row[1] for row in (await connection.execute(_PARKED)).all()}
        for topic in {*topics_heard_by(platform.settings.service), *parked}:
            platform.metrics.parked_now(topic, parked.get(topic, 0))
    async with platform.engine.begin() as connection:
        await seal(connection, now=(await connection.execute(_NOW)).scalar_one())
    async with platform.engine.begin() as connection:
        for statement in _FORGET:
            await connection.execute(statement)
