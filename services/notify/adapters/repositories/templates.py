"""The words of templates, version by version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shared.database.unit_of_work import UnitOfWork

_NEWEST = sa.text(
    "SELECT v.name, t.text"
    " FROM (SELECT DISTINCT ON (name) name, hash FROM template_versions ORDER BY name, version DESC) v"
    " JOIN template_texts t ON t.name = v.name AND t.hash = v.hash"
)
_VERSIONS = sa.text(
    "SELECT v.name, v.version, v.hash, t.text, v.changed_at, v.changed_by FROM template_versions v"
    " LEFT JOIN template_texts t ON t.name = v.name AND t.hash = v.hash"
    " WHERE CAST(:name AS text) IS NULL OR v.name = :name ORDER BY v.name, v.version"
)
_TEXTS = sa.text("SELECT hash, text, first_at FROM template_texts WHERE name = :name ORDER BY first_at, hash")
_KEEP = sa.text(
    "INSERT INTO template_texts (name, hash, text, first_at) VALUES (:name, :hash, :text, :at) ON CONFLICT DO NOTHING"
)
_ADD = sa.text(
    "INSERT INTO template_versions (name, version, hash, changed_at, changed_by)"
    " VALUES (:name, :version, :hash, :at, :by)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a template; without a hash it goes back to the words that are shipped."""

    name: str
    version: int
    hash: str | None
    text: str | None
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that was in force at some time, and since when it is known here."""

    hash: str
    text: str
    first_at: datetime


class TemplateTable:
    """Texts and versions. Nothing here is changed or deleted: what was said can be looked up."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def newest(self) -> dict[str, str]:
        """The texts in force, of the templates whose words are not the shipped ones."""
        return {row.name: row.text for row in await self._work.connection.execute(_NEWEST)}

    async def versions(self, name: str | None = None) -> list[Version]:
        """All versions of one template, or of all, oldest first."""
        rows = await self._work.connection.execute(_VERSIONS, {"name": name})
        return [Version(**row) for row in rows.mappings()]

    async def texts(self, name: str) -> list[Text]:
        """Every text that this template has had here."""
        rows = await self._work.connection.execute(_TEXTS, {"name": name})
        return [Text(**row) for row in rows.mappings()]

    async def lock(self, name: str) -> None:
        """Makes a second writer wait for the first, so that its If-Match is judged by what the first wrote."""
        statement = sa.text("SELECT pg_advisory_xact_lock(hashtext('mash template ' || :name))")
        await self._work.connection.execute(statement, {"name": name})

    async def keep(self, texts: Mapping[tuple[str, str], str]) -> None:
        """Keeps texts by name and hash; those that are there stay as they are."""
        rows = [
            {"name": name, "hash": content_hash, "text": text, "at": self._work.now}
            for (name, content_hash), text in sorted(texts.items())
        ]
        if rows:
            await self._work.connection.execute(_KEEP, rows)

    async def add(self, name: str, *, version: int, content_hash: str | None, by: str) -> None:
        """The next version; its text has been kept. None: back to the shipped words."""
        row = {"name": name, "version": version, "hash": content_hash, "at": self._work.now, "by": by}
        await self._work.connection.execute(_ADD, row)
