"""How a child's record differs when the next person tells of them: slips, short forms, swaps, gaps, moves."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

from benchmarks.register import Alteration, Register, Told
from services.intake.domain.model.given_names import LONG_FORMS, SPELLING
from services.intake.domain.model.naming import fold

_FIRST_LETTER = 0.08
_SPELT: dict[str, list[str]] = {}
for _word, _first in SPELLING.items():
    _SPELT.setdefault(_first, []).append(_word)
_SHORT: dict[str, list[str]] = {}
for _form, _names in LONG_FORMS.items():
    for _name in _names:
        _SHORT.setdefault(_name, []).append(_form)


def typo(text: str, chance: random.Random) -> str:
    """One letter changed, left out, doubled or swapped with the next. In eight of a hundred slips it is the first one
    (Pollock and Zamora, Automatic Spelling Correction in Scientific and Scholarly Text, 1984).
    """
    at = 0 if chance.random() < _FIRST_LETTER else chance.randrange(1, len(text))
    kind = chance.randrange(4)
    if kind == 0:
        return text[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1 :]
    if kind == 1 and len(text) > 3:
        return text[:at] + text[at + 1 :]
    if kind == 2 or at == len(text) - 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _unchanged(told: Told, register: Register) -> bool:
    del told, register
    return True


def _given_typo(told: Told, register: Register) -> bool:
    told["given_name"] = typo(told["given_name"], register.chance)
    return True


def _family_typo(told: Told, register: Register) -> bool:
    told["family_name"] = typo(told["family_name"], register.chance)
    return True


def _other_form(told: Told, register: Register, forms: Mapping[str, list[str]]) -> bool:
    first, *rest = told["given_name"].split()
    word = SPELLING.get(fold(first), fold(first))
    others = [one for one in forms.get(word, []) if one != fold(first)]
    if others:
        told["given_name"] = " ".join([register.chance.choice(others).title(), *rest])
    return bool(others)


def _nickname(told: Told, register: Register) -> bool:
    return _other_form(told, register, _SHORT)


def _spelling(told: Told, register: Register) -> bool:
    return _other_form(told, register, _SPELT)


def _day_and_month(told: Told, register: Register) -> bool:
    del register
    born = date.fromisoformat(told["birth_date"])
    if born.day > 12 or born.day == born.month:
        return False
    told["birth_date"] = born.replace(day=born.month, month=born.day).isoformat()
    return True


def _birth_slip(told: Told, register: Register) -> bool:
    """The day before or after, another day of the month, another month, or a year beside it."""
    born, chance = date.fromisoformat(told["birth_date"]), register.chance
    slips = (
        born + timedelta(days=chance.choice((-1, 1))),
        born.replace(day=chance.randint(1, 28)),
        born.replace(month=chance.randint(1, 12), day=min(born.day, 28)),
        born.replace(year=born.year + chance.choice((-1, 1)), day=min(born.day, 28)),
    )
    told["birth_date"] = chance.choice(slips).isoformat()
    return told["birth_date"] != born.isoformat()


def _names_swapped(told: Told, register: Register) -> bool:
    del register
    told["given_name"], told["family_name"] = told["family_name"], told["given_name"]
    return True


def _moved(told: Told, register: Register) -> bool:
    told["address"] = register.new_family().address
    return True


def _house_unknown(told: Told, register: Register) -> bool:
    del register
    told["address"] = {"lines": [], "postcode": told["address"]["postcode"]}
    return True


def _no_birth_date(told: Told, register: Register) -> bool:
    del register
    told["birth_date"] = None
    return True


def _no_address(told: Told, register: Register) -> bool:
    del register
    told["address"] = None
    return True


def _no_parents(told: Told, register: Register) -> bool:
    del register
    told["relationships"] = []
    return True


def _no_given_name(told: Told, register: Register) -> bool:
    del register
    told["given_name"] = "Baby"
    return True


def _family_renamed(told: Told, register: Register) -> bool:
    told["family_name"] = register.new_family().name
    return True


def _no_accents(told: Told, register: Register) -> bool:
    del register
    plain = fold(told["family_name"]).upper()
    changed = plain != told["family_name"].upper()
    told["family_name"] = plain
    return changed


ALTERATIONS: Mapping[str, tuple[Alteration, ...]] = {
    "as it was, without number": (_unchanged,),
    "typing slip in the given name": (_given_typo,),
    "typing slip in the family name": (_family_typo,),
    "short form": (_nickname,),
    "other spelling (transliteration)": (_spelling,),
    "accents, hyphens, capitals": (_no_accents,),
    "day and month swapped": (_day_and_month,),
    "slip in the birth date": (_birth_slip,),
    "given and family name swapped": (_names_swapped,),
    "moved house": (_moved,),
    "moved house, typing slip in the family name": (_moved, _family_typo),
    "moved house, short form": (_moved, _nickname),
    "moved house, day and month swapped": (_moved, _day_and_month),
    "house not told, slip in the birth date": (_house_unknown, _birth_slip),
    "other family name": (_family_renamed,),
    "no birth date": (_no_birth_date,),
    "no birth date, other spelling": (_no_birth_date, _spelling),
    "no given name": (_no_given_name,),
    "no address nor parents": (_no_address, _no_parents),
    "no address nor parents, typing slip in the given name": (_no_address, _no_parents, _given_typo),
    "two slips: given and family name": (_given_typo, _family_typo),
    "two slips: given name and birth date": (_given_typo, _birth_slip),
}
"""At least two fields of name, birth date, home and parents stay usable in each."""
NUMBERED = "same number and birth date, other name and home"


def altered(told: Told, kind: str, register: Register) -> Told | None:
    """A copy as the next person tells it, without NHS number; None where this record cannot be altered so."""
    copy = {name: value for name, value in told.items() if name != "nhs_number"}
    return copy if all(change(copy, register) for change in ALTERATIONS[kind]) else None


def renumbered(told: Told, register: Register) -> Told | None:
    """A copy with number and birth date, all else otherwise; None where there is no number."""
    copy = {**told, "given_name": "X", "family_name": None}
    return copy if "nhs_number" in told and _moved(copy, register) else None
