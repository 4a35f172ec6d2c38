"""when a case's rating was made, so that a restatement can say it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a2f4c7d18e05"
down_revision = "7c41d2e9b6a3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("rated_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.execute(  # each version of a rating left a line in the history: the last one is the version in force
        "UPDATE cases c SET rated_at = (SELECT max(h.occurred_at) FROM history h"
        " WHERE h.contact_id = c.contact_id AND starts_with(h.what, 'rated_')) WHERE rating_version > 0"
    )


def downgrade() -> None:
    op.drop_column("cases", "rated_at")
