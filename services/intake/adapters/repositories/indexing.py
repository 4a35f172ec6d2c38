"""Putting a contact's subjects into the index, after its commit: opened once, kept in comparable form, found by hashes.

Looking for the same people is a transaction of its own, after this one: of two contacts that come at the same moment,
whichever looks later then sees the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from services.intake.adapters import tables
from services.intake.domain.model.index_keys import keys_of
from services.intake.domain.model.person import Document, people_of, placed
from shared.contracts.intake import ContactReceived, ContactRestated, InformationAdded
from shared.database.batch import insert
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.outbox import headers_from, storable
from shared.security.encryption import BlindIndex, ContactCipher

from .sealed_people import index_rows, seal_person

_CLAIM = text(
    "SELECT c.contact_id FROM contacts c JOIN contact_stream s USING (contact_id)"
    " WHERE c.matched_at IS NULL AND c.body IS NOT NULL ORDER BY c.accepted_at LIMIT :most FOR UPDATE OF s SKIP LOCKED"
)
_TOLD = text("SELECT contact_id, body FROM contacts WHERE contact_id = ANY(CAST(:ids AS uuid[])) AND body IS NOT NULL")
_ADDED = text(
    "SELECT contact_id, information_id, body FROM information WHERE contact_id = ANY(CAST(:ids AS uuid[]))"
    " ORDER BY contact_id, number"
)
_SUBJECTS = text(
    "SELECT contact_id, subject_id, position, kind FROM subjects"
    " WHERE contact_id = ANY(CAST(:ids AS uuid[])) ORDER BY contact_id, position"
)
_TELLING = tuple(kind.ce_type() for kind in (ContactReceived, ContactRestated, InformationAdded))
_ANNOUNCED = text(
    "SELECT DISTINCT ON (contact_id) contact_id, value, headers FROM event_log"
    " WHERE contact_id = ANY(CAST(:ids AS uuid[])) AND ("
    + " OR ".join(f"""headers @> '[["ce_type", "{kind}"]]'""" for kind in _TELLING)
    + ") ORDER BY contact_id, sequence DESC"
)
_KEEP_PEOPLE = text(
    "UPDATE subjects s SET person = u.person, told = COALESCE(u.told::jsonb, s.told)"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:people AS bytea[]), CAST(:told AS text[])) AS u(id, person, told)"
    " WHERE s.subject_id = u.id"
)
_KEEP_CONTACTS = text(
    "UPDATE contacts c SET matched_at = mash_now(), kept = COALESCE(u.kept::jsonb, c.kept),"
    " correlation_id = COALESCE(c.correlation_id, u.correlation_id)"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:kept AS text[]), CAST(:correlations AS uuid[]))"
    " AS u(id, kept, correlation_id) WHERE c.contact_id = u.id"
)
_SET_ASIDE = text("UPDATE contacts SET matched_at = mash_now() WHERE contact_id = :contact_id")
_CLEAR = text("DELETE FROM subject_index WHERE contact_id = ANY(CAST(:ids AS uuid[]))")
_LOOK = text("INSERT INTO looks_due (contact_id, looks, spreads) SELECT unnest(CAST(:ids AS uuid[])), true, true")
# What a sender says it follows: its own contact is linked, somebody else's is only proposed, to staff.
_FOLLOW = text(
    "INSERT INTO links (link_id, contact_id, other_contact_id, relation, state, reason_code, pairs, linked_at,"
    " linked_by, due, correlation_id)"
    " SELECT u.link_id, f.contact_id, c.contact_id, 'follow_up',"
    " CASE WHEN c.follows_contact_id IS NULL THEN 'proposed' ELSE 'requested' END,"
    " 'sender_says_so', '{}', mash_now(), 'sender', c.follows_contact_id IS NOT NULL, c.correlation_id"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:links AS uuid[])) AS u(id, link_id)"
    " JOIN contacts c ON c.contact_id = u.id JOIN contacts f ON f.contact_id = COALESCE(c.follows_contact_id,"
    " (SELECT r.contact_id FROM contacts r WHERE r.reference = c.follows_reference))"
    " WHERE f.contact_id <> c.contact_id AND f.body IS NOT NULL AND c.correlation_id IS NOT NULL"
    " ON CONFLICT DO NOTHING"
)


async def claim_unmatched(work: UnitOfWork, *, most: int) -> list[UUID]:
    """Locks up to ``most`` contacts that are not in the index as they are now; none that another worker holds."""
    claimed = list((await work.connection.execute(_CLAIM, {"most": most})).scalars())
    await work.lock(claimed)
    return claimed


async def set_aside(work: UnitOfWork, contact_id: UUID) -> None:
    """Goes on without a locked contact that cannot be indexed."""
    await work.connection.execute(_SET_ASIDE, {"contact_id": contact_id})


async def index_contacts(work: UnitOfWork, contact_ids: Sequence[UUID], *, blind: BlindIndex, production: bool) -> None:
    """Writes these locked contacts' subjects into the index, and queues a look for each."""
    ids = list(contact_ids)
    subjects_of = await _subjects_of(work, ids)
    documents = await documents_of(work, ids, subjects_of)
    announced = {row.contact_id: row for row in await work.connection.execute(_ANNOUNCED, {"ids": ids})}
    sealed: dict[UUID, bytes] = {}
    rows: list[dict[str, Any]] = []
    for contact_id, subjects in subjects_of.items():
        cipher = work.cipher(contact_id)
        kinds = [row.kind for row in subjects]
        people = people_of(documents.get(contact_id, []), kinds=kinds, production=production)
        for row, person in zip(subjects, people, strict=True):
            sealed[row.subject_id] = seal_person(cipher, person, row.subject_id)
            rows += index_rows(blind, keys_of(person), subject_id=row.subject_id, contact_id=contact_id)
    await work.connection.execute(_CLEAR, {"ids": ids})
    await insert(work.connection, tables.subject_index, rows, conflict="ON CONFLICT DO NOTHING")
    await _keep(work, ids, sealed, announced)
    await work.connection.execute(_FOLLOW, {"ids": ids, "links": [uuid5(one, "follows") for one in ids]})
    await work.connection.execute(_LOOK, {"ids": ids})


async def documents_of(
    work: UnitOfWork, contact_ids: Sequence[UUID], subjects_of: Mapping[UUID, Sequence[Any]]
) -> dict[UUID, list[Document]]:
    """All that was told of these locked contacts, opened: the contact itself first, additions after it."""
    found: dict[UUID, list[Document]] = {}
    known: dict[UUID, int] = {}
    for row in await work.connection.execute(_TOLD, {"ids": list(contact_ids)}):
        first = open_document(work.cipher(row.contact_id), bytes(row.body), "contacts", row.contact_id)
        found[row.contact_id] = [first]
        named = first.get("subjects")
        known[row.contact_id] = max(1, len(named)) if isinstance(named, list) else 1
    for row in await work.connection.execute(_ADDED, {"ids": list(found)}):
        added = open_document(work.cipher(row.contact_id), bytes(row.body), "information", row.information_id)
        ids = [str(subject.subject_id) for subject in subjects_of.get(row.contact_id, ())]
        document, known[row.contact_id] = placed(added, ids=ids, known=known[row.contact_id])
        found[row.contact_id].append(document)
    return found


def open_document(cipher: ContactCipher, sealed: bytes, table: str, row_id: UUID) -> Document:
    """What was sent, the contact or an addition; half a character reads as "?", since no key is made of it."""
    opened = json.loads(cipher.decrypt(sealed, table=table, column="body", row_id=row_id))
    return json.loads(storable(json.dumps(opened, ensure_ascii=False)))


async def _subjects_of(work: UnitOfWork, contact_ids: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in await work.connection.execute(_SUBJECTS, {"ids": contact_ids}):
        found.setdefault(row.contact_id, []).append(row)
    return found


async def _keep(
    work: UnitOfWork, contact_ids: list[UUID], sealed: dict[UUID, bytes], announced: dict[UUID, Any]
) -> None:
    """The people, and beside them what was last announced: events about links and histories repeat it."""
    said = {contact_id: json.loads(bytes(row.value)) for contact_id, row in announced.items()}
    headers = {contact_id: dict(headers_from(row.headers)) for contact_id, row in announced.items()}
    subjects = {UUID(one["subject_id"]): json.dumps(one) for data in said.values() for one in data["subjects"]}
    people = {"ids": list(sealed), "people": list(sealed.values()), "told": [subjects.get(one) for one in sealed]}
    await work.connection.execute(_KEEP_PEOPLE, people)
    contacts = {
        "ids": contact_ids,
        "kept": [json.dumps(said[one]["contact"]) if one in said else None for one in contact_ids],
        "correlations": [
            UUID(headers[one]["ce_correlationid"].decode()) if one in said else None for one in contact_ids
        ],
    }
    await work.connection.execute(_KEEP_CONTACTS, contacts)
