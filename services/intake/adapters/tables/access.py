"""Who may ask: partner clients, their secrets as digests, the keys that tokens are signed with."""

from __future__ import annotations

import sqlalchemy as sa

from shared.messaging.tables import MOMENT

from .metadata import METADATA

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
