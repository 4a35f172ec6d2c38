"""Links of contacts, as rows. They are written only by whoever holds both contacts' locks; the worker that hears a
rating holds one of them, and only notes that something is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.intake.adapters import tables
from services.intake.application.commands.linking import linked
from services.intake.application.ports import LinkedContact
from services.intake.domain.model.linking import LIVE, Link, LinkRelation, LinkState
from services.intake.domain.model.pairing import Known
from shared.contracts.intake import ContactsLinked, SubjectTold
from shared.contracts.parts import ContactKept
from shared.database.batch import insert, upsert
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.outbox import republish

from .blocks import open_people
from .proposals import spread_to_later

MOST = 20
PATIENCE_SECONDS = 60

_LIVE = ", ".join(f"'{state.value}'" for state in sorted(LIVE, key=lambda state: state.value))
_TOUCHING = text(
    "SELECT * FROM links WHERE contact_id = ANY(CAST(:ids AS uuid[])) OR other_contact_id = ANY(CAST(:ids AS uuid[]))"
    " ORDER BY linked_at, link_id"
)
_ONE = text("SELECT * FROM links WHERE link_id = :link_id")
_CONTACTS = text(
    "SELECT c.contact_id, c.kept, c.body IS NOT NULL AS there, c.correlation_id, s.subject_id, s.told, o.rating,"
    " o.routes FROM contacts c LEFT JOIN subjects s USING (contact_id) LEFT JOIN subject_outcomes o USING (subject_id)"
    " WHERE c.contact_id = ANY(CAST(:ids AS uuid[])) ORDER BY c.contact_id, s.position"
)
_ROOT = (
    "SELECT l.link_id, l.contact_id, l.other_contact_id, COALESCE((SELECT p.contact_id FROM links p"
    " WHERE p.other_contact_id = l.contact_id AND p.relation <> 'related'"
    f" AND p.state IN ({_LIVE}) LIMIT 1), l.contact_id) AS root FROM links l"
)
# In no order: those that still wait for an end to be indexed must not keep the others from their turn.
_DUE = text(f"{_ROOT} WHERE l.due ORDER BY random() LIMIT :most")
# Doubling patience, as for contacts without a rating (echoes.py).
_UNHEARD = text(
    f"{_ROOT} WHERE l.state IN ('waiting', 'joined') AND l.relation <> 'related' AND NOT l.heard"
    " AND l.said_at < now() - make_interval(secs =>"
    " least(3600, :patience * 2 ^ least(greatest(l.times_said - 1, 0), 12)))"
    " ORDER BY l.said_at LIMIT :most"
)
_SAID_AGAIN = text("UPDATE links SET times_said = times_said + 1, said_at = now() WHERE link_id = :link_id")
_SAID_NOW = text("UPDATE links SET said_at = now() WHERE link_id = ANY(CAST(:ids AS uuid[]))")
_SETTLE_PROPOSAL = text(
    "DELETE FROM links WHERE state = 'proposed'"
    " AND least(contact_id, other_contact_id) = least(CAST(:one AS uuid), CAST(:other AS uuid))"
    " AND greatest(contact_id, other_contact_id) = greatest(CAST(:one AS uuid), CAST(:other AS uuid))"
)
_SUBJECTS = text("SELECT subject_id FROM subjects WHERE contact_id = :contact_id")
_DELETE = text("DELETE FROM links WHERE link_id = ANY(CAST(:ids AS uuid[]))")
_UNLINK = text(
    "UPDATE links SET state = 'unlinked', due = false, unlinked_at = :at, unlinked_by = :by,"
    " unlink_reason_code = :reason_code, unlink_reason = :reason WHERE link_id = :link_id"
)
_LOOK = text("INSERT INTO looks_due (contact_id, looks, spreads) SELECT unnest(CAST(:ids AS uuid[])), true, true")


@dataclass(frozen=True, slots=True)
class DueLink:
    """A link of which something is to be said; ``contacts`` are to be locked, ``root`` is among them."""

    link_id: UUID
    contacts: frozenset[UUID]
    root: UUID


class Links:
    """The links of one unit of work; its contacts are locked first."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def live_of(self, contact_ids: Iterable[UUID]) -> list[Link]:
        """The live links of these contacts."""
        return [link for link in await self.all_of(contact_ids) if link.state in LIVE]

    async def all_of(self, contact_ids: Iterable[UUID]) -> list[Link]:
        """Every link of these contacts, oldest first, those taken apart included."""
        rows = await self._work.connection.execute(_TOUCHING, {"ids": sorted(contact_ids)})
        return [link_from(row) for row in rows]

    async def find(self, link_id: UUID) -> Link | None:
        """The link, or None."""
        row = (await self._work.connection.execute(_ONE, {"link_id": link_id})).one_or_none()
        return link_from(row) if row else None

    async def contacts(self, contact_ids: Iterable[UUID]) -> dict[UUID, LinkedContact]:
        """What events about links repeat of these contacts. Left out: erased ones, and any not in the index yet."""
        rows = (await self._work.connection.execute(_CONTACTS, {"ids": sorted(contact_ids)})).all()
        found: dict[UUID, list[Any]] = {}
        for row in rows:
            if row.there and row.kept is not None:
                found.setdefault(row.contact_id, []).append(row)
        return {contact_id: _linked_contact(of) for contact_id, of in found.items()}

    async def people(self, subject_ids: Iterable[UUID]) -> dict[UUID, Known]:
        """These subjects, opened."""
        return await open_people(self._work.connection, subject_ids, self._work.database.master_keys)

    async def keep(self, links: Sequence[Link], *, told: bool = True) -> None:
        """Writes these links, nothing due any more. ``told``: something was said of them just now."""
        await upsert(self._work.connection, tables.links, [_row(link) for link in links])
        if told and links:
            await self._work.connection.execute(_SAID_NOW, {"ids": [link.link_id for link in links]})

    async def add(self, link: Link, *, reason: bytes) -> None:
        """Writes a new link with its sealed reason; what its sender only proposed is settled by it."""
        parameters = {"one": link.contact_id, "other": link.other_contact_id}
        await self._work.connection.execute(_SETTLE_PROPOSAL, parameters)
        await insert(self._work.connection, tables.links, [{**_row(link), "reason": reason}])
        await self._work.connection.execute(_SAID_NOW, {"ids": [link.link_id]})

    async def unlink(self, link: Link, *, by: str, reason_code: str, reason: bytes) -> None:
        """Writes that a person has taken them apart."""
        parameters = {
            "link_id": link.link_id,
            "at": self._work.now,
            "by": by,
            "reason_code": reason_code,
            "reason": reason,
        }
        await self._work.connection.execute(_UNLINK, parameters)

    async def release(self, contact_id: UUID, links: Sequence[Link]) -> None:
        """Forgets these links of a contact that is to be erased; later contacts about its subjects look again."""
        await self._work.connection.execute(_DELETE, {"ids": [link.link_id for link in links]})
        subjects = (await self._work.connection.execute(_SUBJECTS, {"contact_id": contact_id})).scalars()
        await spread_to_later(self._work.connection, contact_id, list(subjects))

    async def look_again(self, contact_ids: Iterable[UUID]) -> None:
        """What counts as a contact of its own has changed: these look again."""
        await self._work.connection.execute(_LOOK, {"ids": sorted(contact_ids)})

    async def say_same_again(self, link: Link) -> None:
        """What the primary was told leaves once more, with the same id: the bus may have lost it."""
        await republish(self._work.connection, link.contact_id)
        await self._work.connection.execute(_SAID_AGAIN, {"link_id": link.link_id})

    async def due(self) -> list[DueLink]:
        """Links of which something is to be said."""
        return await self._due(_DUE)

    async def unheard(self, patience_seconds: float = PATIENCE_SECONDS) -> list[DueLink]:
        """Links whose primary was told and has not answered with a rating."""
        return await self._due(_UNHEARD, patience=patience_seconds)

    async def _due(self, statement: Any, **parameters: float) -> list[DueLink]:
        rows = await self._work.connection.execute(statement, {"most": MOST, **parameters})
        return [
            DueLink(row.link_id, frozenset((row.contact_id, row.other_contact_id, row.root)), row.root) for row in rows
        ]


def link_from(row: Any) -> Link:
    """A row of links."""
    said = row.said
    return Link(
        link_id=row.link_id,
        contact_id=row.contact_id,
        other_contact_id=row.other_contact_id,
        relation=LinkRelation(row.relation),
        state=LinkState(row.state),
        reason_code=row.reason_code,
        linked_at=row.linked_at,
        linked_by=row.linked_by,
        correlation_id=row.correlation_id,
        pairs={UUID(one): UUID(other) for one, other in row.pairs.items()},
        version=row.version,
        said=None if said is None else {one: (rating, tuple(routes)) for one, (rating, routes) in said.items()},
        times_said=row.times_said,
        heard=row.heard,
        duplicate_told=row.duplicate_told,
    )


def _row(link: Link) -> dict[str, Any]:
    return {
        "link_id": link.link_id,
        "contact_id": link.contact_id,
        "other_contact_id": link.other_contact_id,
        "relation": link.relation.value,
        "state": link.state.value,
        "version": link.version,
        "reason_code": link.reason_code,
        "pairs": {str(one): str(other) for one, other in link.pairs.items()},
        "linked_at": link.linked_at,
        "linked_by": link.linked_by,
        "said": link.said,
        "times_said": link.times_said,
        "heard": link.heard,
        "duplicate_told": link.duplicate_told,
        "due": False,
        "correlation_id": link.correlation_id,
    }


def _linked_contact(rows: Sequence[Any]) -> LinkedContact:
    subjects = [row for row in rows if row.subject_id is not None and row.told is not None]
    return LinkedContact(
        contact_id=rows[0].contact_id,
        kept=ContactKept.model_validate(rows[0].kept),
        correlation_id=rows[0].correlation_id,
        told=tuple(SubjectTold.model_validate(row.told) for row in subjects),
        ratings={str(row.subject_id): (row.rating, tuple(row.routes or ())) for row in subjects},
    )


async def links_standing(links: Links, contact_id: UUID) -> tuple[ContactsLinked, ...]:
    """What a contact has been told of its links, as it stands now: for a restatement."""
    told = [
        link
        for link in await links.live_of([contact_id])
        if link.version and (link.contact_id == contact_id or link.duplicate_told or not link.is_one_piece)
    ]
    ends = {end for link in told for end in (link.contact_id, link.other_contact_id)}
    contacts = await links.contacts(ends)
    return tuple(
        linked(link, {end: contacts[end] for end in (link.contact_id, link.other_contact_id)}, to=contact_id)
        for link in told
        if {link.contact_id, link.other_contact_id} <= set(contacts)
    )
