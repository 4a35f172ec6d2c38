"""Which channel a message goes by, and what a provider said of it."""

revision = "6f9c8b51e2da"
down_revision = "5e8b7a40d1c9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
