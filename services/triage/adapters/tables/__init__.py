"""The tables of triage's own database, beside those that every service has."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import MOMENT

from .gathering import ASSIGNMENTS, CHECK_ANSWERS, CHECK_CHASES, CHECKS, INFORMATION_REQUESTS
from .metadata import METADATA

__all__ = [
    "ASSIGNMENTS",
    "AWAITED_ECHOES",
    "CASES",
    "CHECKS",
    "CHECK_ANSWERS",
    "CHECK_CHASES",
    "DECISIONS",
    "DISCUSSIONS",
    "HISTORY",
    "INFORMATION_REQUESTS",
    "METADATA",
    "MILESTONES",
    "SUBJECTS",
]

CASES = sa.Table(
    "cases",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("reference", sa.Text),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("received_at", MOMENT),
    sa.Column("accepted_at", MOMENT),
    sa.Column("incident_at", MOMENT),
    sa.Column("referrer_kind", sa.Text),
    sa.Column("source_code", sa.Text),
    sa.Column("organisation_id", sa.Text),
    sa.Column("has_address", sa.Boolean),
    sa.Column("channel", sa.Text),
    sa.Column("sender_grade", sa.Text),
    sa.Column("rating", sa.Text),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("pages", sa.Boolean, nullable=False),
    sa.Column("unrated", sa.Boolean, nullable=False),
    sa.Column("rating_version", sa.Integer, nullable=False),
    sa.Column("policy", JSONB),
    sa.Column("opened_at", MOMENT),
    sa.Column("opened_by", sa.Text),
    sa.Column("closed_at", MOMENT),
    sa.Column("closed_reason", sa.Text),
    sa.Column("next_due_at", MOMENT),
    sa.Column("breached", sa.Integer, nullable=False),
    sa.Column("clocks", JSONB, nullable=False, server_default="{}"),
    sa.Column("clocks_heard", ARRAY(sa.Text), nullable=False),
    sa.Column("clocks_awaited", ARRAY(sa.Text), nullable=False),
    sa.Column("acknowledged_at", MOMENT),
    sa.Column("told", JSONB, nullable=False),
    sa.Column("undelivered", JSONB, nullable=False),
    sa.Column("informing_awaited", sa.Boolean, nullable=False),
    sa.Column("attention", ARRAY(sa.Text), nullable=False),
    sa.Column("team", sa.Text),
    sa.Column("worker", sa.Text),
    sa.Column("queue_tier", sa.SmallInteger, nullable=False),
    sa.Column("queue_rank", sa.Integer, nullable=False),
    sa.Column("queue_at", MOMENT, nullable=False),
    sa.Index("cases_queue", "queue_tier", "queue_rank", "queue_at", "contact_id"),
    comment="One row a contact. queue_*: its place in the queue, smallest first (repositories say how).",
)

SUBJECTS = sa.Table(
    "subjects",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("subject_id", UUID, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("child_id", sa.Text),
    sa.Column("age", JSONB, nullable=False),
    sa.Column("facts", JSONB),
    sa.Column("standing", JSONB, nullable=False),
    sa.Column("machine", JSONB),
    sa.Column("rated_by", sa.Text),
    sa.Column("lowering", JSONB),
    sa.Column("placeholder", sa.Boolean, nullable=False),
    comment="Facts are codes only, so that they can be rated again; deleted at erasure.",
)

DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("subject_id", UUID, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("level", sa.Integer),
    sa.Column("inquiry", sa.Text),
    sa.Column("service_codes", ARRAY(sa.Text), nullable=False),
    sa.Column("reason_codes", ARRAY(sa.Text), nullable=False),
    sa.Column("discussion_id", UUID),
    sa.Column("proposed_outcome", sa.Text),
    sa.Column("lowers", sa.Boolean, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", MOMENT, nullable=False),
    sa.Column("role_needed", sa.Text),
    sa.Column("authorisations_needed", sa.Integer, nullable=False),
    sa.Column("authorised_by", ARRAY(sa.Text), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("settled_at", MOMENT),
    sa.Column("unanswered_checks", sa.Integer, nullable=False, server_default="0"),
    sa.Index("decisions_contact", "contact_id"),
    # The net under the aggregate: one decision of a version is in force for a subject, never two.
    sa.Index(
        "decisions_in_force",
        "contact_id",
        "subject_id",
        "version",
        unique=True,
        postgresql_where=sa.text("state = 'effective'"),
    ),
)

DISCUSSIONS = sa.Table(
    "discussions",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("decided_at", MOMENT),
    sa.Column("held_at", MOMENT),
    sa.Column("attended", ARRAY(sa.Text), nullable=False),
    sa.Column("subject_ids", ARRAY(UUID), nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("minutes", sa.LargeBinary),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Index("discussions_contact", "contact_id"),
)

MILESTONES = sa.Table(
    "milestones",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("subject_id", UUID, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("occurred_at", MOMENT, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", MOMENT, nullable=False),
    sa.Index("milestones_contact", "contact_id"),
)

HISTORY = sa.Table(
    "history",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("act_id", UUID, nullable=False),
    sa.Column("occurred_at", MOMENT, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("by", sa.Text),
    sa.Column("subject_id", UUID),
    sa.Column("codes", JSONB, nullable=False),
    sa.Column("note", sa.LargeBinary),
    comment="What was done to a case, in order; only added to. note: a person's reason, sealed.",
)

AWAITED_ECHOES = sa.Table(
    "awaited_echoes",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("echo", sa.Text, primary_key=True),
    sa.Column("since", MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tried_at", MOMENT),
    comment="What other services have not answered yet. Real time: a jump of business time makes nobody late.",
)
