"""Contacts, what was heard of them, their clocks and the ledger of breaches."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

CONTACTS = sa.Table(
    "contacts",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("received_at", MOMENT),
    sa.Column("accepted_at", MOMENT),
    sa.Column("referrer_kind", sa.Text),
    sa.Column("has_address", sa.Boolean),
    sa.Column("organisation_id", sa.Text),
    sa.Column("by_owner", sa.Boolean, nullable=False),
    sa.Column("subject_ids", JSONB, nullable=False),
    sa.Column("subjects", sa.Integer, nullable=False),
    sa.Column("policy", sa.Text),
    sa.Column("rating", sa.Text),
    sa.Column("rating_version", sa.Integer, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("decided_at", MOMENT),
    sa.Column("informed_at", MOMENT),
    sa.Column("closed_at", MOMENT),
    sa.Column("linked_at", MOMENT),
    sa.Column("team", sa.Text),
    sa.Column("to_be_informed", sa.Boolean, nullable=False),
    sa.Column("live_clocks", sa.Integer, nullable=False),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    sa.Column("next_due_at", MOMENT),
    sa.Column("next_fire_at", MOMENT),
    sa.Column("changed_at", MOMENT, nullable=False),
    # The firing loop asks for the most urgent that are due, urgency by urgency: both columns, in this order.
    sa.Index(
        "contacts_next_fire",
        "urgency",
        "next_fire_at",
        postgresql_where=sa.text("next_fire_at IS NOT NULL"),
    ),
    # The watchdog looks at what is open and lacks something: a handful of rows, however many contacts there are.
    sa.Index(
        "contacts_without_clock",
        "changed_at",
        postgresql_where=sa.text("live_clocks = 0 AND closed_at IS NULL"),
    ),
    sa.Index(
        "contacts_unrated",
        "accepted_at",
        postgresql_where=sa.text("rating_version = 0 AND closed_at IS NULL"),
    ),
    sa.Index(
        "contacts_uninformed",
        "decided_at",
        postgresql_where=sa.text("decided_at IS NOT NULL AND informed_at IS NULL AND to_be_informed"),
    ),
    comment="Each contact and when it must be looked at next. Locked through contact_stream, never by itself.",
)

OCCURRENCES = sa.Table(
    "occurrences",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("subject_id", UUID),
    sa.Column("item_id", UUID),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("occurred_at", MOMENT, nullable=False),
    sa.Column("attributes", JSONB, nullable=False),
    sa.Column("voided_at", MOMENT),
    sa.Index("occurrences_contact", "contact_id"),
    comment="What was heard: a clock that starts later than its stop was heard of is met at its birth.",
)

DEADLINES = sa.Table(
    "deadlines",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("subject_id", UUID),
    sa.Column("item_id", UUID),
    sa.Column("agency", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("starts_at", MOMENT, nullable=False),
    sa.Column("due_at", MOMENT, nullable=False),
    sa.Column("beside_due_at", MOMENT),
    sa.Column("steps", JSONB, nullable=False),
    sa.Column("warned", sa.SmallInteger, nullable=False),
    sa.Column("escalations", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("escalated", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("calendar", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("rating", sa.Text),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    sa.Column("pages", sa.Boolean, nullable=False),
    sa.Column("watched", sa.Boolean, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("set_at", MOMENT, nullable=False),
    sa.Column("breached_at", MOMENT),
    sa.Column("met_at", MOMENT),
    sa.Column("cancelled_at", MOMENT),
    sa.Column("correlation_id", UUID, nullable=False),
    sa.Index("deadlines_contact", "contact_id"),
    sa.Index("deadlines_state_due", "state", "due_at", "id"),
    comment="Every clock there ever was, with what it was computed by.",
)

BREACHES = sa.Table(
    "breaches",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("deadline_id", UUID, nullable=False, unique=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("subject_id", UUID),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("rating", sa.Text),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("calendar", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("starts_at", MOMENT, nullable=False),
    sa.Column("due_at", MOMENT, nullable=False),
    sa.Column("found_at", MOMENT, nullable=False),
    sa.Column("late_seconds", sa.Double, nullable=False),
    sa.Column("late_before_arrival_minutes", sa.Integer, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("organisation_id", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("agency", sa.Text),
    sa.Index("breaches_due", "due_at", "id"),
    comment="The ledger of breaches, one a clock. Our own role may add and read, nothing else.",
)
