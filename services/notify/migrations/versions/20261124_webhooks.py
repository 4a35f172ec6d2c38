"""Partners' webhooks and every attempt at them."""

revision = "70ad9c62f3eb"
down_revision = "6f9c8b51e2da"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
