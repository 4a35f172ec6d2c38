"""Templates as versions, addresses of the ladder's rungs, and alerts that are grouped."""

revision = "81be0d7304fc"
down_revision = "70ad9c62f3eb"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
