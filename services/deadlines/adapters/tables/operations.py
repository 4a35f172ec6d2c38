"""What operations need beside the clocks: why breaches came about, signs of life, and since when an event is said."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

EXPLANATIONS = sa.Table(
    "explanations",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("breach_id", UUID, nullable=False),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("excused", sa.Boolean),
    sa.Column("explained_at", MOMENT, nullable=False),
    sa.Column("explained_by", sa.Text, nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Index("explanations_breach", "breach_id", "explained_at", "id"),
    comment="Why a breach came about, several a breach. Our own role may add and read, nothing else.",
)

HEARTBEATS = sa.Table(
    "heartbeats",
    METADATA,
    sa.Column("loop", sa.Text, primary_key=True),
    sa.Column("beat_at", MOMENT, nullable=False),
    comment="When any worker's loop last went round, in real time: other processes see that it lives.",
)

EVENT_LOG = METADATA.tables["event_log"]
# The transaction that said it: the stream reads what has been committed since a snapshot (docs/decisions).
EVENT_LOG.append_column(
    sa.Column("said_in", sa.BigInteger, server_default=sa.text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)"))
)
sa.Index("event_log_said_in", EVENT_LOG.c.said_in)
