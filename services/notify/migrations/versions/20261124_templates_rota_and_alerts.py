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
    op.execute(
        "UPDATE messages SET clocks = jsonb_build_array(deadline_id)"
        " WHERE deadline_id IS NOT NULL AND settled_at IS NULL AND because NOT LIKE 'ladder|%'"
    )


def downgrade() -> None:
    op.drop_column("messages", "clocks")
