"""The tables of what others tell of a case: links to other contacts, challenges of its decisions."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

LINKS = sa.Table(
    "links",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("link_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("relation", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("other_contact_id", UUID, nullable=False),
    sa.Column("linked_at", MOMENT, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("pairs", JSONB, nullable=False),
    sa.Column("unlinked_at", MOMENT),
    sa.Column("unlinked_reason", sa.Text),
    sa.Index("links_other", "other_contact_id", "role"),
    comment="One row a contact and link. pairs: the duplicate's subjects and the primary's; ids only.",
)

CHALLENGES = sa.Table(
    "challenges",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("id", UUID, primary_key=True),
    sa.Column("challenged_at", MOMENT, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("subject_ids", ARRAY(UUID), nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("reason_codes", ARRAY(sa.Text), nullable=False),
    sa.Column("answer", sa.LargeBinary),
    sa.Column("answered_by", sa.Text),
    sa.Column("answered_at", MOMENT),
    comment="The referrer disagrees; answer: what a manager wrote, sealed.",
)
