"""Calendars as versioned data that a person approves; escalation after a breach."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d1a4c07e5b21"
down_revision = "c71d0f2a9e35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none_yet = sa.text("'[]'::jsonb")
    op.add_column(
        "deadlines",
        sa.Column("escalations", postgresql.JSONB(astext_type=sa.Text()), server_default=none_yet, nullable=False),
    )
    op.add_column("deadlines", sa.Column("escalated", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("deadlines", "escalated")
    op.drop_column("deadlines", "escalations")
