"""Explanations of breaches, the heartbeat, and what the stream of clock changes reads."""

revision = "e2b5d18f6c32"
down_revision = "d1a4c07e5b21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
