"""What there is to tell about a contact, the messages that tell it, every attempt, and what staff attest."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

CONTACT = sa.Table(
    "contacts",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("received_at", MOMENT),
    sa.Column("referrer_kind", sa.Text),
    sa.Column("has_address", sa.Boolean, nullable=False),
    sa.Column("source_code", sa.Text),
    sa.Column("received", sa.Boolean, nullable=False),
    sa.Column("subjects", JSONB, nullable=False),
    sa.Column("decisions", JSONB, nullable=False),
    sa.Column("flags", JSONB, nullable=False),
    sa.Column("steps", JSONB, nullable=False),
    sa.Column("paging", JSONB, nullable=False),
    sa.Column("undecided", sa.Integer),
    sa.Column("rating", sa.Text),
    sa.Column("rating_version", sa.Integer, nullable=False),
    sa.Column("policy", sa.Text),
    sa.Column("opened_at", MOMENT),
    sa.Column("closed_at", MOMENT),
    sa.Column("linked_at", MOMENT),
    comment="What there is to tell about a contact: codes, times and counts from events.",
)

MESSAGE = sa.Table(
    "messages",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("correlation_id", UUID, nullable=False),
    sa.Column("traceparent", sa.Text),
    sa.Column("tells_outcome", sa.Boolean, nullable=False),
    sa.Column("tells", JSONB, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("codes", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("result", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("resends", sa.Integer, nullable=False),
    sa.Column("settled_at", MOMENT),
    sa.Column("next_try_at", MOMENT),
    sa.Column("lease_token", UUID),
    sa.Column("lease_until", MOMENT),
    sa.Column("channel", sa.Text),
    sa.Column("masked_address", sa.Text),
    sa.Column("address_mark", sa.LargeBinary),
    sa.Column("rung", sa.Integer),
    sa.Column("because", sa.Text),
    sa.Column("deadline_id", UUID),
    sa.Column("clocks", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("paged_at", MOMENT),
    sa.Column("gathered_until", MOMENT),
    sa.Column("due_at", MOMENT),
    sa.Index("message_contact", "contact_id"),
    sa.Index("message_created", "created_at", "id"),
    sa.Index("message_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index("message_unsettled", "created_at", postgresql_where=sa.text("settled_at IS NULL")),
    comment="One message to one person. due_at (real time) is when the delivery loop looks at it next; null: never.",
)

ATTEMPT = sa.Table(
    "attempts",
    METADATA,
    sa.Column("message_id", UUID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("template_hash", sa.Text, nullable=False),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT),
    sa.Column("outcome", sa.Text),
    sa.Column("code", sa.Text),
    sa.Index("attempt_contact", "contact_id"),
    comment="Every try, noted before the call. One without an end was cut off: the provider may have taken it.",
)

TOLD = sa.Table(
    "told",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("message_ids", ARRAY(UUID), nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("told_at", MOMENT, nullable=False),
    sa.Column("told_by", sa.Text, nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Index("told_contact", "contact_id"),
    comment="What staff attest: that they told the referrer. The note is sealed with the contact's key.",
)
