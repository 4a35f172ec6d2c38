"""Which channel a message goes by, and what a provider said of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "6f9c8b51e2da"
down_revision = "5e8b7a40d1c9"
branch_labels = None
depends_on = None


_MOMENT = postgresql.TIMESTAMP(timezone=True)


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)


def upgrade() -> None:
    op.add_column("contacts", sa.Column("organisation_id", sa.Text(), nullable=True))
    op.add_column("contacts", sa.Column("by_webhook", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    for name in ("ways", "refused"):
        op.add_column("messages", _list(name))
    op.add_column("messages", sa.Column("provider_id", sa.Text(), nullable=True))
    for name in ("since", "poll_at", "proved_at"):
        op.add_column("messages", sa.Column(name, _MOMENT, nullable=True))
    op.execute("UPDATE messages SET proved_at = settled_at WHERE state IN ('sent', 'told')")
    op.create_index("message_unreceipted", "messages", ["poll_at"], postgresql_where=sa.text("poll_at IS NOT NULL"))
    for name in ("provider_id", "receipt"):
        op.add_column("attempts", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("receipt_at", _MOMENT, nullable=True))


def downgrade() -> None:
    for name in ("receipt_at", "receipt", "provider_id"):
        op.drop_column("attempts", name)
    op.drop_index("message_unreceipted", table_name="messages")
    for name in ("proved_at", "poll_at", "since", "provider_id", "refused", "ways"):
        op.drop_column("messages", name)
    for name in ("by_webhook", "organisation_id"):
        op.drop_column("contacts", name)
