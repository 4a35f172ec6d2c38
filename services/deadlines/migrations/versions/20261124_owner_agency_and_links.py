"""Whose a clock is: the contact's team and the agency asked; and since when a duplicate's clocks run elsewhere."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c71d0f2a9e35"
down_revision = "4b3b13b7ab9e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("linked_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("contacts", sa.Column("team", sa.Text(), nullable=True))
    op.add_column("deadlines", sa.Column("agency", sa.Text(), nullable=True))
    op.add_column("breaches", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("breaches", sa.Column("agency", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("breaches", "agency")
    op.drop_column("breaches", "owner")
    op.drop_column("deadlines", "agency")
    op.drop_column("contacts", "team")
    op.drop_column("contacts", "linked_at")
