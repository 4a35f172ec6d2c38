"""who leads early help, as a code of the pack."""

import sqlalchemy as sa
from alembic import op

revision = "3e9a5b71c0d4"
down_revision = "7c41d2e9b6a3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decisions", sa.Column("lead_code", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("decisions", "lead_code")
