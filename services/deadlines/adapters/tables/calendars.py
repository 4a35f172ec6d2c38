"""Versions of the calendars of closed days, and what each proposal was shown to move."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

CALENDARS = sa.Table(
    "calendars",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("calendar", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
    sa.Column("days", JSONB, nullable=False),
    sa.Column("names", sa.LargeBinary),
    sa.Column("effective_from", MOMENT, nullable=False),
    sa.Column("shipped", sa.Integer, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", MOMENT, nullable=False),
    sa.Column("settled_by", sa.Text),
    sa.Column("settled_at", MOMENT),
    sa.UniqueConstraint("calendar", "version", name="calendars_version"),
    # One proposal at a time: a second one would not have the days of the first.
    sa.Index("calendars_proposed", "calendar", unique=True, postgresql_where=sa.text("state = 'proposed'")),
    comment="Closed days by version. The names that people gave are sealed; a version's days never change.",
)

CALENDAR_MOVES = sa.Table(
    "calendar_moves",
    METADATA,
    sa.Column("calendar_id", UUID, primary_key=True),
    sa.Column("deadline_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("old_due_at", MOMENT, nullable=False),
    sa.Column("new_due_at", MOMENT, nullable=False),
    sa.Index("calendar_moves_contact", "contact_id"),
    comment="The list of deadlines that a version would move, as it was last shown; of an approved one, as approved.",
)
