"""What the hub gathers a case with: assignments, checks of agencies with their answers, questions to the referrer."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

ASSIGNMENTS = sa.Table(
    "assignments",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("hand_over", sa.Text),
    sa.Column("assigned_at", MOMENT, nullable=False),
    sa.Column("assigned_by", sa.Text, nullable=False),
    sa.Column("words", sa.LargeBinary),
    sa.Index("assignments_contact", "contact_id"),
    comment="Whose a contact was, in order; only added to. words: note, reason, what is outstanding, sealed.",
)

CHECKS = sa.Table(
    "checks",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("agency", sa.Text, nullable=False),
    sa.Column("subject_ids", ARRAY(UUID), nullable=False),
    sa.Column("rating", sa.Text, nullable=False),
    sa.Column("requested_at", MOMENT, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),
    sa.Column("due_at", MOMENT),
    sa.Column("answered_at", MOMENT),
    sa.Index("checks_contact", "contact_id"),
    comment="One agency asked once. words: what is asked and why, sealed. answered_at: of the first answer.",
)

CHECK_ANSWERS = sa.Table(
    "check_answers",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("check_id", UUID, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_at", MOMENT, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Index("check_answers_contact", "contact_id"),
    comment="The first settles its check; later ones amend it. Only added to.",
)

CHECK_CHASES = sa.Table(
    "check_chases",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("check_id", UUID, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("chased_at", MOMENT, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Index("check_chases_contact", "contact_id"),
)

INFORMATION_REQUESTS = sa.Table(
    "information_requests",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("question_codes", ARRAY(sa.Text), nullable=False),
    sa.Column("requested_at", MOMENT, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("answered_at", MOMENT),
    sa.Index("information_requests_contact", "contact_id"),
)
