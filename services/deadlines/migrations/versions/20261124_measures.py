"""What the monthly measures are counted from."""

revision = "f3c6e29a7d43"
down_revision = "e2b5d18f6c32"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
