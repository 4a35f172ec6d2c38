"""Partners' webhooks, the events they are told of, what is on its way to which, and every attempt."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

WEBHOOK = sa.Table(
    "webhooks",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("url", sa.LargeBinary, nullable=False),
    sa.Column("events", ARRAY(sa.Text), nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("old_secret", sa.LargeBinary),
    sa.Column("old_secret_until", MOMENT),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("disabled_at", MOMENT),
    sa.Column("failing_since", MOMENT),
    sa.Column("accepted_at", MOMENT),
    sa.Index("webhook_organisation", "organisation"),
    comment="Where partners listen. Address and secrets are sealed with the table's key; all times are real.",
)

WEBHOOK_EVENT = sa.Table(
    "webhook_events",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reference", sa.Text),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("occurred_at", MOMENT, nullable=False),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.Column("about", JSONB, nullable=False),
    sa.Column("correlation_id", UUID),
    sa.Column("traceparent", sa.Text),
    sa.Index("webhook_event_contact", "contact_id", "sequence"),
    sa.Index("webhook_event_made", "organisation", "made_at"),
    comment="What happened, as a partner may know it: ids and words. occurred_at is business time, made_at real.",
)

WEBHOOK_DELIVERY = sa.Table(
    "webhook_deliveries",
    METADATA,
    sa.Column("event_id", UUID, primary_key=True),
    sa.Column("webhook_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("armed_at", MOMENT, nullable=False),
    sa.Column("due_at", MOMENT),
    sa.Column("lease_token", UUID),
    sa.Column("reason", sa.Text),
    sa.Column("settled_at", MOMENT),
    sa.Index("webhook_delivery_contact", "contact_id", "webhook_id", "sequence"),
    sa.Index("webhook_delivery_due", "webhook_id", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index("webhook_delivery_open", "armed_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    comment="One event to one webhook. due_at (real time) is when the sending loop looks at it next; null: never.",
)

WEBHOOK_ATTEMPT = sa.Table(
    "webhook_attempts",
    METADATA,
    sa.Column("event_id", UUID, primary_key=True),
    sa.Column("webhook_id", UUID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("contact_id", UUID),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT),
    sa.Column("outcome", sa.Text),
    sa.Column("code", sa.Text),
    sa.Index("webhook_attempt_contact", "contact_id"),
    sa.Index("webhook_attempt_page", "webhook_id", "started_at", "event_id", "number"),
    comment="Every try, noted before the call. One without an end was cut off: the receiver may have taken it.",
)
