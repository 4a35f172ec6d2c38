"""Who is on duty, and whose turn it is to be alerted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

DUTY_LADDER = sa.Table(
    "duty_ladders",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("cause", sa.Text, primary_key=True),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("rung", sa.Integer, nullable=False),
    sa.Column("next_at", MOMENT),
    sa.Column("correlation_id", UUID, nullable=False),
    sa.Column("traceparent", sa.Text),
    sa.Column("ended_at", MOMENT),
    sa.Index("duty_ladder_next", "next_at", postgresql_where=sa.text("next_at IS NOT NULL")),
    comment="Whose turn it is to be alerted while nobody has opened a contact (business time).",
)

DUTY_ROTA = sa.Table(
    "duty_rota",
    METADATA,
    sa.Column("one_row", sa.Boolean, sa.CheckConstraint("one_row"), primary_key=True, server_default=sa.true()),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("periods", sa.LargeBinary, nullable=False),
    sa.Column("changed_at", MOMENT, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    comment="Who is on duty, sealed as a whole with the table's key: it holds people's addresses.",
)

ALERT_TURN = sa.Table(
    "alert_turns",
    METADATA,
    sa.Column("mark", sa.LargeBinary, primary_key=True),
    sa.Column("pages", sa.Boolean, primary_key=True),
    sa.Column("started_at", MOMENT),
    sa.Column("last_at", MOMENT),
    sa.Column("letters", sa.Integer, nullable=False, server_default=sa.text("0")),
    comment="How often a recipient of alerts was written to lately (business time). The mark is a keyed hash.",
)
