"""Templates as versions, addresses of the ladder's rungs, and alerts that are grouped."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "81be0d7304fc"
down_revision = "70ad9c62f3eb"
branch_labels = None
depends_on = None


def upgrade() -> None:
    clocks = sa.Column("clocks", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
    op.add_column("messages", clocks)
    op.add_column("messages", sa.Column("gathered_until", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("contacts", sa.Column("source_code", sa.Text(), nullable=True))
    op.create_table(
        "alert_turns",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Boolean(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("letters", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("mark", "pages"),
        comment="How often a recipient of alerts was written to lately (business time). The mark is a keyed hash.",
    )
    op.create_table(
        "template_texts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "hash"),
        comment="Every text of a template, shipped ones too, by the hash that attempts keep: what went out can be shown.",
    )
    op.create_table(
        "template_versions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
        comment="Append-only. hash null: back to the words that this release ships. No row: never changed (version 0).",
    )
    op.execute('REVOKE UPDATE, DELETE, TRUNCATE ON template_texts, template_versions FROM "mash_notify"')
    op.execute(
        "UPDATE messages SET clocks = jsonb_build_array(deadline_id)"
        " WHERE deadline_id IS NOT NULL AND settled_at IS NULL AND because NOT LIKE 'ladder|%'"
    )


def downgrade() -> None:
    op.drop_table("template_versions")
    op.drop_table("template_texts")
    op.drop_table("alert_turns")
    op.drop_column("contacts", "source_code")
    op.drop_column("messages", "gathered_until")
    op.drop_column("messages", "clocks")
