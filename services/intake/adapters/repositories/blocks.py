"""Finding candidates: the blocks of the index that a person falls into, then only their people opened.

A block over the cap is not opened: its narrower ones are looked up in its place, and what was left out is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.domain.model.index_keys import NARROWER, IndexKey, IndexKind, looked_up
from services.intake.domain.model.pairing import Known
from services.intake.domain.model.person import Person
from shared.security.encryption import BlindIndex, ContactCipher, MasterKeys

from .sealed_people import digest_of, open_person

MOST_IN_A_BLOCK = 100
"""Subjects in one block that are opened and compared: about 20 microseconds each to open, 10 to compare."""

_BLOCKS = text(
    "SELECT p.at, i.subject_id FROM unnest(CAST(:kinds AS smallint[]), CAST(:digests AS bytea[]))"
    " WITH ORDINALITY AS p(kind, digest, at), LATERAL (SELECT x.subject_id FROM subject_index x"
    " WHERE x.kind = p.kind AND x.digest = p.digest AND x.contact_id IS DISTINCT FROM CAST(:but AS uuid)"
    " LIMIT :most) AS i"
)
_PEOPLE = text(
    "SELECT s.subject_id, s.contact_id, s.child_id, s.person, k.wrapped"
    " FROM subjects s JOIN contact_keys k USING (contact_id)"
    " WHERE s.subject_id = ANY(CAST(:ids AS uuid[])) AND s.person IS NOT NULL"
)
_NARROW = frozenset(kind for kinds in NARROWER.values() for kind in kinds)


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a person may be: ``too_common`` names the kinds of blocks that were not opened in full."""

    candidates: tuple[Known, ...]
    too_common: tuple[IndexKind, ...]


async def find_candidates(
    connection: AsyncConnection,
    people: Mapping[UUID, Person],
    *,
    blind: BlindIndex,
    masters: MasterKeys,
    but: UUID | None = None,
    besides: Mapping[UUID, Collection[UUID]] | None = None,
) -> dict[UUID, Found]:
    """The candidates of each person, by the key they are given under, in two queries for all of them.

    ``but`` is the contact they are from; ``besides`` are subjects to be compared whatever the index says.
    """
    asked = [(who, key) for who, person in people.items() for key in sorted(looked_up(person), key=_order)]
    blocks = await _blocks(connection, asked, blind, but)
    wanted: dict[UUID, set[UUID]] = {who: set((besides or {}).get(who, ())) for who in people}
    common: dict[UUID, set[IndexKind]] = {who: set() for who in people}
    for (who, key), block in zip(asked, blocks, strict=True):
        if len(block) > MOST_IN_A_BLOCK:
            common[who].add(key.kind)
    for (who, key), block in zip(asked, blocks, strict=True):
        if len(block) <= MOST_IN_A_BLOCK and (key.kind not in _NARROW or _stands_in(key.kind, common[who])):
            wanted[who] |= block
    known = await open_people(connection, set[UUID]().union(*wanted.values()), masters)
    return {
        who: Found(
            tuple(known[one] for one in sorted(wanted[who]) if one in known and known[one].contact_id != but),
            tuple(sorted(common[who])),
        )
        for who in people
    }


def _stands_in(kind: IndexKind, common: Collection[IndexKind]) -> bool:
    """True where a narrower block is needed. By postcode and family name it is always: a house may not be told."""
    return kind is IndexKind.POSTCODE_AND_FAMILY or any(kind in NARROWER.get(wide, ()) for wide in common)


async def _blocks(
    connection: AsyncConnection, asked: Sequence[tuple[UUID, IndexKey]], blind: BlindIndex, but: UUID | None
) -> list[set[UUID]]:
    blocks: list[set[UUID]] = [set() for _ in asked]
    parameters = {
        "kinds": [int(key.kind) for _, key in asked],
        "digests": [digest_of(blind, key) for _, key in asked],
        "but": but,
        "most": MOST_IN_A_BLOCK + 1,
    }
    for row in await connection.execute(_BLOCKS, parameters) if asked else ():
        blocks[row.at - 1].add(row.subject_id)
    return blocks


async def open_people(
    connection: AsyncConnection, subject_ids: Iterable[UUID], masters: MasterKeys
) -> dict[UUID, Known]:
    """These subjects, opened; those that are erased or not in the index yet are left out."""
    ids = sorted(subject_ids)
    rows = (await connection.execute(_PEOPLE, {"ids": ids})).all() if ids else []
    ciphers: dict[UUID, ContactCipher] = {}
    return {row.subject_id: _opened(row, ciphers, masters) for row in rows}


def _opened(row: Any, ciphers: dict[UUID, ContactCipher], masters: MasterKeys) -> Known:
    cipher = ciphers.get(row.contact_id)
    if cipher is None:
        data_key = masters.unwrap(bytes(row.wrapped), service="intake", owner=row.contact_id)
        cipher = ciphers[row.contact_id] = ContactCipher(data_key)
    person = open_person(cipher, bytes(row.person), row.subject_id)
    return Known(row.subject_id, row.contact_id, row.child_id, person)


def _order(key: IndexKey) -> tuple[IndexKind, str]:
    return (key.kind, key.value)
