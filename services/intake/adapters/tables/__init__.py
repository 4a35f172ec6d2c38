"""Intake's tables. Whatever identifies somebody is in the sealed body; the rest is ids, codes and times."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import MOMENT

from .matching import histories, links, looks_due, match_proposals, subject_index, subject_outcomes
from .metadata import METADATA

contacts = sa.Table(
    "contacts",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    sa.Column("organisation", sa.Text),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("referrer_kind", sa.Text, nullable=False),
    sa.Column("received_at", MOMENT, nullable=False),
    sa.Column("accepted_at", MOMENT, nullable=False),
    sa.Column("body", sa.LargeBinary, comment="The contact as sent, sealed with its own key; null once erased."),
    sa.Column("stage", sa.Text, nullable=False, server_default="received"),
    sa.Column("rated_at", MOMENT, comment="When triage's rating was first heard: the echo of our announcement."),
    sa.Column("last_said_at", MOMENT, nullable=False, server_default=sa.func.now(), comment="Real time."),
    sa.Column("times_said", sa.Integer, nullable=False, server_default="1"),
    sa.Column("follows_contact_id", UUID, comment="The sender's own earlier contact that this one belongs to."),
    sa.Column("follows_reference", sa.Text, comment="The reference it was said to belong to, known here or not."),
    sa.Column("kept", JSONB, comment="What every event repeats of the contact; null until it was matched once."),
    sa.Column("correlation_id", UUID, comment="That of its first announcement: what follows from it carries it on."),
    sa.Column("matched_at", MOMENT, comment="When its subjects were last put into the index; null: to be done."),
    sa.Column("closed_at", MOMENT, comment="When triage closed it; null again once reopened."),
    sa.Column("closed_reason", sa.Text),
    sa.Index("contacts_unmatched", "accepted_at", postgresql_where=sa.text("matched_at IS NULL AND body IS NOT NULL")),
    sa.Column("sender_reference_index", sa.LargeBinary, comment="Keyed hash of the sender's own reference."),
    sa.Index("contacts_listed", "organisation", "accepted_at", "contact_id"),
    sa.Index("contacts_all_listed", "accepted_at", "contact_id"),
    sa.Index(
        "contacts_by_sender_reference",
        "sender_reference_index",
        postgresql_where=sa.text("sender_reference_index IS NOT NULL"),
    ),
    sa.Index("contacts_unanswered", "last_said_at", postgresql_where=sa.text("rated_at IS NULL AND body IS NOT NULL")),
)

subjects = sa.Table(
    "subjects",
    METADATA,
    sa.Column("subject_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, sa.ForeignKey("contacts.contact_id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("child_id", sa.Text),
    sa.Column("told", JSONB, comment="The subject as last announced: ids, codes, ages."),
    sa.Column(
        "person", sa.LargeBinary, comment="Names and identifiers in comparable form, sealed with the contact's key."
    ),
    sa.Column(
        "too_common", ARRAY(sa.SmallInteger), comment="Kinds of blocks too common to be opened when last looked."
    ),
    sa.Index("subjects_of_contact", "contact_id"),
    sa.Index("subjects_of_child", "child_id"),
)

progress = sa.Table(
    "progress",
    METADATA,
    sa.Column("event_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", UUID, comment="The request or challenge it speaks of."),
    sa.Column("codes", ARRAY(sa.Text), comment="The pack's questions that the referrer is asked."),
    sa.Column("move", sa.Text, comment="What it does to the stage; null: nothing."),
    sa.Index("progress_of_contact", "contact_id", "at"),
    comment="What other services said of a contact, as far as its referrer may know.",
)

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

partner_clients = sa.Table(
    "partner_clients",
    METADATA,
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("organisation", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, sa.CheckConstraint("role IN ('partner', 'service')"), nullable=False),
    sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("disabled_at", MOMENT),
)

client_secrets = sa.Table(
    "client_secrets",
    METADATA,
    sa.Column("secret_id", sa.Text, primary_key=True),
    sa.Column("client_id", sa.Text, sa.ForeignKey("partner_clients.client_id"), nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("retired_at", MOMENT),
    sa.Index("client_secrets_live", "client_id", postgresql_where=sa.text("retired_at IS NULL")),
)

signing_keys = sa.Table(
    "signing_keys",
    METADATA,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("retired_at", MOMENT),
)

__all__ = [
    "METADATA",
    "challenges",
    "client_secrets",
    "contacts",
    "histories",
    "information",
    "links",
    "looks_due",
    "match_proposals",
    "partner_clients",
    "progress",
    "signing_keys",
    "subject_index",
    "subject_outcomes",
    "subjects",
    "withdrawals",
]
