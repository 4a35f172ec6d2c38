"""Whether an identifier has the form it should have. One that has not is kept as unverified, with a warning."""

from __future__ import annotations

import phonenumbers

from services.intake.domain.model.identifiers import (
    is_synthetic,
    nhs_number_holds,
    postcode_form_holds,
    upn_form_holds,
)

_UNITED_KINGDOM = 44
_INVENTED_MOBILE = "7700900"
_INVENTED = ("1632960", _INVENTED_MOBILE)
"""How the telephone numbers begin that the regulator (Ofcom) keeps for stories: nobody has them."""


class Forms:
    """Forms of identifiers. In ``production`` no invented one is believed, elsewhere only invented NHS numbers."""

    def __init__(self, *, production: bool) -> None:
        self._production = production

    def nhs_number(self, text: str) -> bool:
        """True where the check digit holds and the number is one that may be here."""
        return nhs_number_holds(text) and is_synthetic(text) != self._production

    def upn(self, text: str) -> bool:
        """True for the form of a unique pupil number."""
        return upn_form_holds(text)

    def postcode(self, text: str) -> bool:
        """True for the form of a UK postcode."""
        return postcode_form_holds(text)

    def phone(self, text: str) -> bool:
        """True for a telephone number of the UK, or of another country with its prefix."""
        number = _parsed(text)
        return number is not None and self._may_be(number)

    def mobile(self, text: object) -> str | None:
        """The number in international form (E.164) where it is a mobile of the UK, which takes text messages."""
        number = _parsed(text) if isinstance(text, str) else None
        if number is None or number.country_code != _UNITED_KINGDOM or not self._may_be(number):
            return None
        story = str(number.national_number).startswith(_INVENTED_MOBILE)
        if not story and phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _may_be(self, number: phonenumbers.PhoneNumber) -> bool:
        story = number.country_code == _UNITED_KINGDOM and str(number.national_number).startswith(_INVENTED)
        return (story and not self._production) or phonenumbers.is_valid_number(number)


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
