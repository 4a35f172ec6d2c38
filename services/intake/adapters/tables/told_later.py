"""What is told of a contact after its first telling: kept sealed, in order."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from shared.messaging.tables import MOMENT

from .metadata import METADATA

information = sa.Table(
    "information",
    METADATA,
    sa.Column("information_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="In the order it was told, from 1."),
    sa.Column("added_at", MOMENT, nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Column("answers_request", UUID),
    sa.Column(
        "body", sa.LargeBinary, nullable=False, comment="What was added, as sent, sealed with the contact's key."
    ),
    sa.UniqueConstraint("contact_id", "number", name="information_in_order"),
)

withdrawals = sa.Table(
    "withdrawals",
    METADATA,
    sa.Column("withdrawal_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("requested_at", MOMENT, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("words", sa.LargeBinary, comment="Sealed with the contact's key."),
    sa.Index("withdrawals_of_contact", "contact_id"),
)

challenges = sa.Table(
    "challenges",
    METADATA,
    sa.Column("challenge_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("challenged_at", MOMENT, nullable=False),
    sa.Column("ground", sa.Text, nullable=False),
    sa.Column("subject_ids", ARRAY(UUID), nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False, comment="Sealed with the contact's key."),
    sa.Index("challenges_of_contact", "contact_id"),
)
