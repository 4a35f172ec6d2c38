"""Forms of the identifiers a contact may carry. A failing one is kept as unverified."""

from __future__ import annotations

import re
import unicodedata

_POSTCODE = re.compile(r"(GIR ?0AA|BFPO ?\d{1,4}|ZZ99 ?\d[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})", re.ASCII)
_UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]", re.ASCII)


def plain(text: str) -> str:
    """The text in one form of Unicode, upper case, no spaces or dashes."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def nhs_number_holds(text: str) -> bool:
    """True for ten digits whose check digit (modulus 11, NHS Data Dictionary) holds and that are not all the same."""
    digits = plain(text)
    if not re.fullmatch(r"[0-9]{10}", digits) or len(set(digits)) == 1:
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return (11 - remainder) % 11 == int(digits[9])


def is_synthetic(nhs_number: str) -> bool:
    """True for the 999 range, which is given to nobody: the only one allowed outside production."""
    return plain(nhs_number).startswith("999")


def upn_form_holds(text: str) -> bool:
    """True for the form of a unique pupil number (DfE); the council code is not checked, since new ones come."""
    return bool(_UPN.fullmatch(plain(text)))


def postcode_form_holds(text: str) -> bool:
    """True for the form of a UK postcode, BFPO and the pseudo postcodes of no fixed abode included."""
    one_line = " ".join(unicodedata.normalize("NFKC", text).split())
    return bool(_POSTCODE.fullmatch(one_line.upper()))
