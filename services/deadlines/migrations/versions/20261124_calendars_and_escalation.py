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
    op.add_column("contacts", sa.Column("calendar", sa.Text(), server_default="", nullable=False))
    op.execute(
        # Version 0 was never in force: every contact is counted anew once, so that its clocks have their escalations.
        "UPDATE contacts SET calendar = of.calendar || '@0' FROM (SELECT contact_id,"
        " split_part(max(calendar), '@', 1) AS calendar FROM deadlines WHERE calendar <> '' GROUP BY contact_id) AS of"
        " WHERE of.contact_id = contacts.contact_id"
    )
    live = sa.text("live_clocks > 0")
    op.create_index("contacts_calendar", "contacts", ["calendar", "contact_id"], postgresql_where=live)
    op.create_table(
        "calendars",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=True),
        sa.Column("effective_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("calendar", "version", name="calendars_version"),
        comment="Closed days by version. The names that people gave are sealed; a version's days never change.",
    )
    proposed = sa.text("state = 'proposed'")
    op.create_index("calendars_proposed", "calendars", ["calendar"], unique=True, postgresql_where=proposed)
    op.create_table(
        "calendar_moves",
        sa.Column("calendar_id", sa.UUID(), nullable=False),
        sa.Column("deadline_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("old_due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("new_due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", "deadline_id"),
        comment="The list of deadlines that a version would move, as it was last shown; of an approved one, as approved.",
    )
    op.create_index("calendar_moves_contact", "calendar_moves", ["contact_id"])
    # A version is settled once and stays on record.
    op.execute('REVOKE DELETE, TRUNCATE ON calendars FROM "mash_deadlines"')


def downgrade() -> None:
    op.drop_table("calendar_moves")
    op.drop_table("calendars")
    op.drop_index("contacts_calendar", table_name="contacts")
    op.drop_column("contacts", "calendar")
    op.drop_column("deadlines", "escalated")
    op.drop_column("deadlines", "escalations")
