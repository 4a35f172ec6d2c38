"""Addresses as far as two contacts can be about one home."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .identifiers import plain, postcode_form_holds
from .naming import fold

_NUMBER = re.compile(r"\d+[a-z]?|(?<=\bflat )[a-z]\b")
_NOWHERE = "ZZ99"
"""Pseudo postcodes: no fixed abode, address not known (NHS Postcode Directory)."""
_FEWEST_WORDS = 2


def postcode_of(sent: str | None) -> str | None:
    """The postcode without its space; None for none, a failing one, and those that stand for no home."""
    if not sent or not postcode_form_holds(sent):
        return None
    code = plain(sent)
    return None if code.startswith(_NOWHERE) else code


def home_of(lines: Sequence[str], postcode: str | None) -> str | None:
    """One text for one home: postcode and the numbers of house and flat, else the house's name.

    Without a postcode the whole address as written; None where that would not say one home.
    """
    text = fold(" ".join(lines))
    numbers = "-".join(sorted(_NUMBER.findall(text)))  # flat 3 of 12, or 12 flat 3
    if postcode is not None:
        house = numbers or fold(lines[0] if lines else "")
        return f"{postcode}|{house}" if house else None
    return f"|{text}" if numbers and len(text.split()) > _FEWEST_WORDS else None
