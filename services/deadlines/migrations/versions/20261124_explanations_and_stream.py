"""Explanations of breaches, the heartbeat, and what the stream of clock changes reads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e2b5d18f6c32"
down_revision = "d1a4c07e5b21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "explanations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("breach_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("excused", sa.Boolean(), nullable=True),
        sa.Column("explained_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("explained_by", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Why a breach came about, several a breach. Our own role may add and read, nothing else.",
    )
    op.create_index("explanations_breach", "explanations", ["breach_id", "explained_at", "id"], unique=False)
    op.create_table(
        "heartbeats",
        sa.Column("loop", sa.Text(), nullable=False),
        sa.Column("beat_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("loop"),
        comment="When any worker's loop last went round, in real time: other processes see that it lives.",
    )
    # Two steps: what was said before has no transaction, so that it is never streamed, and the table is not rewritten.
    op.add_column("event_log", sa.Column("said_in", sa.BigInteger(), nullable=True))
    op.execute("ALTER TABLE event_log ALTER COLUMN said_in SET DEFAULT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
    op.create_index("event_log_said_in", "event_log", ["said_in"], unique=False)
    op.execute('REVOKE UPDATE, DELETE, TRUNCATE ON explanations FROM "mash_deadlines"')


def downgrade() -> None:
    op.drop_index("event_log_said_in", table_name="event_log")
    op.drop_column("event_log", "said_in")
    op.drop_table("heartbeats")
    op.drop_index("explanations_breach", table_name="explanations")
    op.drop_table("explanations")
