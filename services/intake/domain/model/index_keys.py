"""Under which keys a person is found again. Each key is one block: only who shares one is opened and compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from jellyfish import metaphone, nysiis

from .naming import forms_of, telling
from .person import Person

MOST_NAME_KEYS = 8
_INITIAL_LETTERS = 2


class IndexKind(IntEnum):
    """What a block is made by. The numbers are kept in the database: never change one."""

    NHS_NUMBER = 1
    """Ten digits, whether the check digit holds or not."""
    UPN = 2
    """Unique pupil number."""
    BIRTH_DATE = 3
    """Looked up as told and with day and month swapped."""
    HOME = 4
    """Postcode and house."""
    NAME = 5
    """Phonetic given and family name, in either order."""
    BIRTH_DATE_AND_INITIAL = 6
    """Narrower than the birth date, for days that many are said to be born on (1 January)."""
    NAME_AND_YEAR = 7
    """Narrower than the name, for names that many have."""
    NAME_AND_DAY = 8
    """The same, by day and month: a slip is in one of the two."""
    POSTCODE_AND_FAMILY = 9
    """Narrower than a home that many live in, and wider where the house is not told."""
    PARENT = 10
    """Phonetic name of a parent together with the child's family name."""


NARROWER: dict[IndexKind, tuple[IndexKind, ...]] = {
    IndexKind.BIRTH_DATE: (IndexKind.BIRTH_DATE_AND_INITIAL,),
    IndexKind.NAME: (IndexKind.NAME_AND_YEAR, IndexKind.NAME_AND_DAY),
    IndexKind.HOME: (IndexKind.POSTCODE_AND_FAMILY,),
}
"""What is looked up in place of a block that is too common to be opened."""


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One block: its kind and what it is made of, in clear; only its digest is kept."""

    kind: IndexKind
    value: str


def keys_of(person: Person) -> frozenset[IndexKey]:
    """The keys a person is kept under."""
    return frozenset(_keys(person, [person.born] if person.born else []))


def looked_up(person: Person) -> frozenset[IndexKey]:
    """The keys a person is looked for under: the same, and those with day and month of the birth date swapped."""
    days = [day for day in (person.born, swapped(person.born)) if day is not None]
    return frozenset(_keys(person, days))


def swapped(day: date | None) -> date | None:
    """Day and month the other way round (03/04 and 04/03); None where that is no date, or the same one."""
    if day is None or day.day == day.month:
        return None
    try:
        return day.replace(month=day.day, day=day.month)
    except ValueError:
        return None


def _keys(person: Person, days: list[date]) -> Iterator[IndexKey]:
    if person.nhs_number:
        yield IndexKey(IndexKind.NHS_NUMBER, person.nhs_number)
    if person.upn:
        yield IndexKey(IndexKind.UPN, person.upn)
    if person.home:
        yield IndexKey(IndexKind.HOME, person.home)
    names = _name_pairs(person)
    families = {_sound(word) for word in person.family}
    initials = {word[:_INITIAL_LETTERS] for word in (*telling(person.given), *person.family)}
    for name in names:
        yield IndexKey(IndexKind.NAME, name)
    for day in days:
        yield IndexKey(IndexKind.BIRTH_DATE, day.isoformat())
        yield from (IndexKey(IndexKind.BIRTH_DATE_AND_INITIAL, f"{day}|{initial}") for initial in initials)
        yield from (IndexKey(IndexKind.NAME_AND_YEAR, f"{name}|{day.year}") for name in names)
        yield from (IndexKey(IndexKind.NAME_AND_DAY, f"{name}|{day:%m-%d}") for name in names)
    if person.postcode:
        yield from (IndexKey(IndexKind.POSTCODE_AND_FAMILY, f"{person.postcode}|{family}") for family in families)
    for given, family in person.parents:
        yield from (IndexKey(IndexKind.PARENT, f"{_sound(given)} {_sound(family)}|{own}") for own in families)


def _name_pairs(person: Person) -> list[str]:
    """Phonetic given and family name together, the lesser first, so that swapped fields meet; every usual form."""
    given = [form for word in telling(person.given)[:2] for form in forms_of(word)]
    family = [*person.family[:3], *(["".join(person.family)] if len(person.family) > 1 else [])]
    pairs = dict.fromkeys(" ".join(sorted((_sound(one), _sound(other)))) for other in family for one in given)
    return list(pairs)[:MOST_NAME_KEYS]


def _sound(word: str) -> str:
    """How a word sounds: Metaphone; NYSIIS, which keeps vowels, where a word has hardly a consonant."""
    if not word.isascii():
        return word
    sound = metaphone(word)
    return sound if len(sound) > 1 else nysiis(word) or word
