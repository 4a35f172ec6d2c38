"""Who the subjects are now, in the words that were sent: as told first, and as added since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.adapters.queries import KeptContact, as_sent
from services.intake.adapters.repositories.tellings import read_additions
from services.intake.domain.model.person import position_named
from services.intake.domain.model.standing import MOST_SUBJECTS

Person = dict[str, Any]
_NAMES = ("kind", "given_name", "family_name", "birth_date")


async def people_of(connection: AsyncConnection, contacts: Sequence[KeptContact]) -> dict[UUID, list[Person]]:
    """By contact: what was last said of each subject's kind, name and birth date, in the order of their positions."""
    ciphers = {one.contact_id: one.cipher for one in contacts if one.cipher is not None}
    added: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    kept, positions = await read_additions(connection, ciphers)
    for contact_id, body in kept:
        added[contact_id].append(as_sent(body))
    return {one.contact_id: people_now(one.told or {}, added[one.contact_id], positions) for one in contacts}


def people_now(
    told: Mapping[str, Any], added: Sequence[Mapping[str, Any]], positions: Mapping[str, int]
) -> list[Person]:
    """The subjects after all that was ``added``; ``positions`` says which subject an id is. Later words win, and a
    subject whom nobody could read is an empty one: each keeps its place.
    """
    people: list[Person] = [_named(one) for one in _sent_people(told) or [{}]]
    for addition in added:
        for one in _sent_people(addition):
            place = position_named(one, positions)
            if place is not None and place <= len(people):
                people[place - 1] |= _named(one)
            elif len(people) < MOST_SUBJECTS:
                people.append(_named(one))
    return people


def _sent_people(sent: Mapping[str, Any]) -> list[Person]:
    subjects = sent.get("subjects")
    several: list[Any] = [subjects] if isinstance(subjects, dict) else subjects if isinstance(subjects, list) else []
    return [cast("Person", one) if isinstance(one, dict) else {} for one in several[:MOST_SUBJECTS]]


def _named(one: Person) -> Person:
    return {name: one[name] for name in _NAMES if one.get(name)}
