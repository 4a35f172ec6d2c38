"""What the monthly measures are counted from, and what has been given out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "f3c6e29a7d43"
down_revision = "e2b5d18f6c32"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "measured_subjects",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("subject_id", sa.UUID(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=True),
        sa.Column("organisation_id", sa.Text(), nullable=True),
        sa.Column("child_id", sa.Text(), nullable=True),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("by_owner", sa.Integer(), nullable=False),
        sa.Column("said", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received", sa.Boolean(), nullable=False),
        sa.Column("stands_for_contact", sa.Boolean(), nullable=False),
        sa.Column("received_month", sa.Date(), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=True),
        sa.Column("referred_month", sa.Date(), nullable=True),
        sa.Column("again_kept", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("due_24h_at", MOMENT, nullable=True),
        sa.Column("due_1wd_at", MOMENT, nullable=True),
        sa.Column("in_time_24h", sa.Boolean(), nullable=True),
        sa.Column("in_time_1wd", sa.Boolean(), nullable=True),
        sa.Column("exploited", sa.Boolean(), nullable=False),
        sa.Column("stepped_up_months", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("enquiry_months", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("plan_months", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("months", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=True),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="One row a subject of a contact, with the months that count it. Erased: codes and months only, no ids.",
    )
    op.create_index("measured_subjects_contact", "measured_subjects", ["contact_id"])
    op.create_index("measured_subjects_months", "measured_subjects", ["months"], postgresql_using="gin")
    op.create_index(
        "measured_subjects_child",
        "measured_subjects",
        ["child_id"],
        postgresql_where=sa.text("referred_on IS NOT NULL"),
    )
    op.create_table(
        "measures_published",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("month", "version"),
        comment="The figures of a month that is over, as they were given out. Our own role may add and read, nothing else.",
    )
    # What has been given out stays as it was given out: a month that moved has one more version.
    op.execute('REVOKE UPDATE, DELETE, TRUNCATE ON measures_published FROM "mash_deadlines"')


def downgrade() -> None:
    op.drop_table("measures_published")
    op.drop_index("measured_subjects_child", table_name="measured_subjects")
    op.drop_index("measured_subjects_months", table_name="measured_subjects")
    op.drop_index("measured_subjects_contact", table_name="measured_subjects")
    op.drop_table("measured_subjects")
