"""Partners' webhooks and every attempt at them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "70ad9c62f3eb"
down_revision = "6f9c8b51e2da"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", MOMENT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Where partners listen. Address and secrets are sealed with the table's key; all times are real.",
    )
    op.create_index("webhook_organisation", "webhooks", ["organisation"], unique=False)
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("correlation_id", sa.UUID(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="What happened, as a partner may know it: ids and words. occurred_at is business time, made_at real.",
    )
    op.create_index("webhook_event_contact", "webhook_events", ["contact_id", "sequence"], unique=False)
    op.create_index("webhook_event_made", "webhook_events", ["organisation", "made_at"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("webhook_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("armed_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_token", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("event_id", "webhook_id"),
        comment="One event to one webhook. due_at (real time) is when the sending loop looks at it next; null: never.",
    )
    due = sa.text("due_at IS NOT NULL")
    contact = ["contact_id", "webhook_id", "sequence"]
    op.create_index("webhook_delivery_contact", "webhook_deliveries", contact, unique=False)
    op.create_index(
        "webhook_delivery_due", "webhook_deliveries", ["webhook_id", "due_at"], unique=False, postgresql_where=due
    )
    op.create_index("webhook_delivery_open", "webhook_deliveries", ["armed_at"], unique=False, postgresql_where=due)
    op.create_table(
        "webhook_attempts",
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("webhook_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", "webhook_id", "number"),
        comment="Every try, noted before the call. One without an end was cut off: the receiver may have taken it.",
    )
    op.create_index("webhook_attempt_contact", "webhook_attempts", ["contact_id"], unique=False)
    page = ["webhook_id", "started_at", "event_id", "number"]
    op.create_index("webhook_attempt_page", "webhook_attempts", page, unique=False)


def downgrade() -> None:
    for table in ("webhook_attempts", "webhook_deliveries", "webhook_events", "webhooks"):
        op.drop_table(table)
