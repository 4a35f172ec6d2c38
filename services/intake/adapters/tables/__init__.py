"""Intake's tables. Whatever identifies somebody is in the sealed body; the rest is ids, codes and times."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.messaging.tables import MOMENT

from .access import client_secrets, partner_clients, signing_keys
from .metadata import METADATA
from .told_later import challenges, information, withdrawals

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

subject_index = sa.Table(
    "subject_index",
    METADATA,
    sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("subject_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Index("subject_index_of_contact", "contact_id"),
    comment="The blind index: keyed hashes under which a subject is found again (index_keys.IndexKind).",
)

subject_outcomes = sa.Table(
    "subject_outcomes",
    METADATA,
    sa.Column("subject_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("rating", sa.Text),
    sa.Column("routes", ARRAY(sa.Text)),
    sa.Column("outcome", sa.Text),
    sa.Column("counts_as_referral", sa.Boolean),
    sa.Column("decided_at", MOMENT),
    sa.Column("assessed_at", MOMENT, comment="When its closure assessment was completed."),
    sa.Index("subject_outcomes_of_contact", "contact_id"),
    comment="What triage last said of a subject, as far as the history of a later contact counts it.",
)

match_proposals = sa.Table(
    "match_proposals",
    METADATA,
    sa.Column("subject_id", UUID, primary_key=True),
    sa.Column("other_subject_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("other_contact_id", UUID, nullable=False),
    sa.Column("score", sa.REAL, nullable=False),
    sa.Column("agrees", ARRAY(sa.Text), nullable=False),
    sa.Column("near", ARRAY(sa.Text), nullable=False),
    sa.Column("differs", ARRAY(sa.Text), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("proposed_at", MOMENT, nullable=False),
    sa.Column("answered_at", MOMENT),
    sa.Column("answered_by", sa.Text),
    sa.Column("reason", sa.LargeBinary, comment="Why, in words: sealed with the key of contact_id."),
    sa.Index("match_proposals_of_other", "other_subject_id"),
    sa.Index("match_proposals_of_contact", "contact_id"),
    sa.Index("match_proposals_of_other_contact", "other_contact_id"),
    comment="Two subjects that may be one child: a person says. The lesser id comes first.",
)

histories = sa.Table(
    "histories",
    METADATA,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("found_at", MOMENT, nullable=False),
    sa.Column("subjects", JSONB, nullable=False),
    comment="The history last announced of a contact: counts, codes and ids.",
)

looks_due = sa.Table(
    "looks_due",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("looks", sa.Boolean, nullable=False, comment="Its own history is to be found."),
    sa.Column("spreads", sa.Boolean, nullable=False, comment="Later contacts about its subjects are to look again."),
    sa.Index("looks_due_of_contact", "contact_id"),
    comment="Contacts whose earlier ones are to be looked for. Only added to and deleted from: nobody waits for a row.",
)

links = sa.Table(
    "links",
    METADATA,
    sa.Column("link_id", UUID, primary_key=True),
    sa.Column("contact_id", UUID, nullable=False),
    sa.Column("other_contact_id", UUID, nullable=False),
    sa.Column("relation", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("reason", sa.LargeBinary, comment="Why, in words: sealed with the key of contact_id."),
    sa.Column("pairs", JSONB, nullable=False),
    sa.Column("linked_at", MOMENT, nullable=False),
    sa.Column("linked_by", sa.Text, nullable=False),
    sa.Column("unlinked_at", MOMENT),
    sa.Column("unlinked_by", sa.Text),
    sa.Column("unlink_reason_code", sa.Text),
    sa.Column("unlink_reason", sa.LargeBinary, comment="Sealed with the key of contact_id."),
    sa.Column("said", JSONB, comment="The duplicate's ratings as the primary was last told."),
    sa.Column("said_at", MOMENT, comment="Real time: when the primary was last told."),
    sa.Column("times_said", sa.Integer, nullable=False, server_default="0"),
    sa.Column("heard", sa.Boolean, nullable=False, server_default="false", comment="The primary's rating has it."),
    sa.Column("duplicate_told", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("due", sa.Boolean, nullable=False, server_default="false", comment="Something about it is to be said."),
    sa.Column("correlation_id", UUID, nullable=False),
    sa.Index("links_of_contact", "contact_id"),
    sa.Index("links_of_other", "other_contact_id"),
    sa.Index("links_due", "link_id", postgresql_where=sa.text("due")),
    sa.Index(
        "links_unheard",
        "said_at",
        postgresql_where=sa.text("NOT heard AND relation <> 'related' AND state IN ('waiting', 'joined')"),
    ),
    comment="Two contacts that belong together, said by a person or by their sender. contact_id is the primary.",
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
