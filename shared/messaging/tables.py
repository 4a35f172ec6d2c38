"""The tables that every service's database has in common: streams, inbox, outbox, parking, keys, audit, idempotency."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

MOMENT = TIMESTAMP(timezone=True)


def add_common_tables(metadata: sa.MetaData) -> None:
    """Declares the common tables on a service's own metadata."""
    _receiving(metadata)
    _saying(metadata)
    _parking(metadata)
    _keys(metadata)
    _audit(metadata)
    _requests(metadata)


def _receiving(metadata: sa.MetaData) -> None:
    sa.Table(
        "contact_stream",
        metadata,
        sa.Column("contact_id", UUID, primary_key=True),
        sa.Column("sent", sa.Integer, nullable=False, server_default="0"),
        sa.Column("seen", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("erased_at", MOMENT),
        comment="One row a contact: its lock, our last sequence number, each producer's last.",
    )
    sa.Table(
        "inbox",
        metadata,
        sa.Column("event_id", UUID, primary_key=True),
        sa.Column("received_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Index("inbox_received_at", "received_at"),
    )


def _saying(metadata: sa.MetaData) -> None:
    sa.Table(
        "outbox",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
    )
    sa.Table(
        "event_log",
        metadata,
        sa.Column("contact_id", UUID, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Index("event_log_created_at", "created_at"),
        comment="What we said, kept as long as the topics keep it: PostgreSQL is the record.",
    )


def _parking(metadata: sa.MetaData) -> None:
    sa.Table(
        "parked",
        metadata,
        sa.Column("id", UUID, primary_key=True),
        sa.Column("event_id", UUID),
        sa.Column("contact_id", UUID),
        sa.Column("producer", sa.Text),
        sa.Column("sequence", sa.Integer),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("parked_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("settled_at", MOMENT),
        sa.Index(
            "parked_unsettled",
            "contact_id",
            "producer",
            "sequence",
            postgresql_where=sa.text("settled_at IS NULL"),
        ),
        comment="Events set aside: failed, waiting (behind another), replay; then replayed, dropped or superseded.",
    )


def _keys(metadata: sa.MetaData) -> None:
    sa.Table(
        "contact_keys",
        metadata,
        sa.Column("contact_id", UUID, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        comment="Each contact's data key, wrapped by the master key. Deleting the row forgets the contact.",
    )
    sa.Table(
        "table_keys",
        metadata,
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        comment="The data keys of tables whose rows belong to no contact.",
    )


def _audit(metadata: sa.MetaData) -> None:
    sa.Table(
        "audit",
        metadata,
        sa.Column("id", UUID, primary_key=True),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("contact_ids", ARRAY(UUID), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("correlation_id", UUID, nullable=False),
        comment="Who looked at what. Our own role may only insert.",
    )
    sa.Table(
        "audit_seal",
        metadata,
        sa.Column("audit_id", UUID, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False, unique=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
    )


def _requests(metadata: sa.MetaData) -> None:
    sa.Table(
        "idempotency",
        metadata,
        sa.Column("id", UUID, primary_key=True),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body_hmac", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("response", sa.LargeBinary),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("caller", "method", "path", "key", name="idempotency_key"),
        sa.Index("idempotency_created_at", "created_at"),
    )
    sa.Table(
        "jwks_cache",
        metadata,
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("jwks", sa.Text, nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False, server_default=sa.func.now()),
    )
    sa.Table(
        "clock",
        metadata,
        sa.Column("single", sa.Boolean, sa.CheckConstraint("single"), primary_key=True, server_default=sa.true()),
        sa.Column("anchor_real", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("anchor_business", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("speed", sa.Double, nullable=False, server_default="1"),
        comment="Business time: mash_now() is anchored here.",
    )
