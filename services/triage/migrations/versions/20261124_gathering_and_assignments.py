"""gathering, assignments, discussions that are decided first and held later."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8c1f6d20a7b3"
down_revision = "526903bda860"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
NEW = ("assignments", "checks", "check_answers", "check_chases", "information_requests")


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("hand_over", sa.Text(), nullable=True),
        sa.Column("assigned_at", MOMENT, nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Whose a contact was, in order; only added to. words: note, reason, what is outstanding, sealed.",
    )
    op.create_table(
        "checks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("subject_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="One agency asked once. words: what is asked and why, sealed. answered_at: of the first answer.",
    )
    op.create_table(
        "check_answers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("check_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="The first settles its check; later ones amend it. Only added to.",
    )
    op.create_table(
        "check_chases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("check_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chased_at", MOMENT, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "information_requests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("question_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in NEW:
        op.create_index(f"{name}_contact", name, ["contact_id"], unique=False)
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO "mash_triage"')
    op.add_column(
        "cases", sa.Column("clocks", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("cases", sa.Column("team", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("worker", sa.Text(), nullable=True))
    op.add_column("decisions", sa.Column("lead_code", sa.Text(), nullable=True))
    op.add_column("decisions", sa.Column("unanswered_checks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("discussions", sa.Column("decided_at", MOMENT, nullable=True))
    op.add_column("discussions", sa.Column("result", sa.Text(), nullable=True))
    op.alter_column("discussions", "held_at", existing_type=MOMENT, nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM discussions WHERE held_at IS NULL")
    op.alter_column("discussions", "held_at", existing_type=MOMENT, nullable=False)
    op.drop_column("discussions", "result")
    op.drop_column("discussions", "decided_at")
    op.drop_column("decisions", "unanswered_checks")
    op.drop_column("decisions", "lead_code")
    for name in ("worker", "team", "clocks"):
        op.drop_column("cases", name)
    for name in reversed(NEW):
        op.drop_table(name)
