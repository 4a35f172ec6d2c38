"""What the monthly measures are counted from, and what has been given out."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

MEASURED = sa.Table(
    "measured_subjects",
    METADATA,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("contact_id", UUID),
    sa.Column("subject_id", UUID),
    sa.Column("reference", sa.Text),
    sa.Column("received_at", MOMENT),
    sa.Column("organisation_id", sa.Text),
    sa.Column("child_id", sa.Text),
    sa.Column("source_code", sa.Text, nullable=False),
    sa.Column("by_owner", sa.Integer, nullable=False),
    sa.Column("said", JSONB, nullable=False),
    sa.Column("received", sa.Boolean, nullable=False),
    sa.Column("stands_for_contact", sa.Boolean, nullable=False),
    sa.Column("received_month", sa.Date, nullable=False),
    sa.Column("referred_on", sa.Date),
    sa.Column("referred_month", sa.Date),
    sa.Column("again_kept", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("due_24h_at", MOMENT),
    sa.Column("due_1wd_at", MOMENT),
    sa.Column("in_time_24h", sa.Boolean),
    sa.Column("in_time_1wd", sa.Boolean),
    sa.Column("exploited", sa.Boolean, nullable=False),
    sa.Column("stepped_up_months", ARRAY(sa.Date), nullable=False),
    sa.Column("enquiry_months", ARRAY(sa.Date), nullable=False),
    sa.Column("plan_months", ARRAY(sa.Date), nullable=False),
    sa.Column("months", ARRAY(sa.Date), nullable=False),
    sa.Column("ended", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("level", sa.SmallInteger),
    sa.Column("rating", sa.Text),
    sa.Column("reasons", ARRAY(sa.Text), nullable=False),
    sa.Index("measured_subjects_contact", "contact_id"),
    sa.Index("measured_subjects_months", "months", postgresql_using="gin"),
    sa.Index("measured_subjects_child", "child_id", postgresql_where=sa.text("referred_on IS NOT NULL")),
    comment="One row a subject of a contact, with the months that count it. Erased: codes and months only, no ids.",
)

PUBLISHED = sa.Table(
    "measures_published",
    METADATA,
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("published_at", MOMENT, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("figures", JSONB, nullable=False),
    comment="The figures of a month that is over, as they were given out. Our own role may add and read, nothing else.",
)
