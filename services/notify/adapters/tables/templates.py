"""The words of templates: every text that was ever in force, and which version says so."""

from __future__ import annotations

import sqlalchemy as sa

from shared.messaging.tables import MOMENT

from .metadata import METADATA

TEMPLATE_TEXT = sa.Table(
    "template_texts",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("first_at", MOMENT, nullable=False),
    comment="Every text of a template, shipped ones too, by the hash that attempts keep: what went out can be shown.",
)

TEMPLATE_VERSION = sa.Table(
    "template_versions",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("hash", sa.Text),
    sa.Column("changed_at", MOMENT, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    comment="Append-only. hash null: back to the words that this release ships. No row: never changed (version 0).",
)
