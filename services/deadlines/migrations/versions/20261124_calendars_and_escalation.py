"""Calendars as versioned data that a person approves; escalation after a breach."""

revision = "d1a4c07e5b21"
down_revision = "c71d0f2a9e35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
