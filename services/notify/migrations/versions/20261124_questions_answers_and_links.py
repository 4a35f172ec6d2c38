"""What a question asks and how a challenge was answered, in codes; and since when a contact is another's duplicate."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e8b7a40d1c9"
down_revision = "101cf3dd3129"
branch_labels = None
depends_on = None


def upgrade() -> None:
    codes = sa.Column("codes", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
    op.add_column("messages", codes)
    op.add_column("messages", sa.Column("result", sa.Text(), nullable=True))
    op.add_column("contacts", sa.Column("linked_at", postgresql.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "linked_at")
    op.drop_column("messages", "result")
    op.drop_column("messages", "codes")
