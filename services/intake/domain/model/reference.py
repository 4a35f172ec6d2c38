"""The reference people read out over the telephone."""

from __future__ import annotations

import re
from uuid import UUID

from .identifiers import plain

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8
_FORM = re.compile(rf"MASH([{_ALPHABET}]{{{_LENGTH}}})([{_ALPHABET}])", re.ASCII)
_MISHEARD = str.maketrans("OIL", "011")


def reference_for(contact_id: UUID) -> str:
    """A reference such as ``MASH-7K3P-2QF9-5``: eight characters of the random contact id and one that checks them.

    There is no I, L, O or U in it, and it says nothing about the contact.
    """
    number = contact_id.int & ((1 << 5 * _LENGTH) - 1)
    return _written("".join(_ALPHABET[(number >> 5 * at) & 31] for at in range(_LENGTH)))


def read_reference(text: str) -> str | None:
    """The reference in its one form, however it was typed; None where its form or its check character is wrong."""
    found = _FORM.fullmatch("MASH" + plain(text).removeprefix("MASH").translate(_MISHEARD))
    if found is None or check_character(found[1]) != found[2]:
        return None
    return _written(found[1])


def check_character(characters: str) -> str:
    """Catches every wrong character and every two neighbours swapped.

    A Damm code over the field of 32 elements. (The hybrid system of ISO 7064 lets some swaps pass for 32 characters.)
    """
    check = 0
    for character in characters:
        check = (check ^ _ALPHABET.index(character)) << 1
        if check & 32:
            check ^= 0b100101
    return _ALPHABET[check]


def _written(characters: str) -> str:
    return f"MASH-{characters[:4]}-{characters[4:]}-{check_character(characters)}"
