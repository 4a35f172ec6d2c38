"""Reading what is said of one subject, and the forms of what identifies whoever is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.intake.domain.model.answers import graver, later
from services.intake.domain.model.contact import Subject
from services.intake.domain.model.standing import MOST_ANSWERS
from shared.policy import facts as policy_facts

from .contact import SubjectIn, ToldIn
from .fitting import Place, SetAside
from .forms import Forms
from .parts import NAMED_FACTS, Answers, PersonIn, ReferrerIn
from .setting_aside import FACT_NAMES, Aside

UNVERIFIED = "Its form or check digit does not hold; kept as unverified."
CONTRADICTION = "Answered twice and differently; the graver answer holds, and a person will look."
_YES_OR_NO = {True: "yes", False: "no"}
_NO_DISABILITY = "NONE"


class People:
    """Reads subjects by one pack's indicators; ``aside`` gets what is not understood."""

    def __init__(self, indicators: Collection[str], forms: Forms, aside: Aside, new_id: Callable[[], UUID]) -> None:
        self._codes = indicators
        self._forms = forms
        self._aside = aside
        self._new_id = new_id
        self._answers_left = MOST_ANSWERS

    def subject(self, index: int, sent: SubjectIn, *, common: Mapping[str, str | int], consent: str) -> Subject:
        """One subject. ``common`` and ``consent`` were said of all of them."""
        place: Place = ("subjects", index)
        facts = later(common, self._own_facts(sent, place))
        open_case = facts.pop("open_case", "not_known")
        indicators = self._answered(sent.indicators, place=(*place, "indicators"))
        trusted = self._check_person(sent, place)
        if sent.upn is not None and not self._forms.upn(sent.upn):
            self._aside.warn((*place, "upn"), "unverified", UNVERIFIED)
        self._check_people(sent.relationships, (*place, "relationships"))
        own_consent = sent.consent.state if sent.consent else None
        return Subject(
            subject_id=self._new_id(),
            position=index + 1,
            kind=sent.kind or _kind_of(sent),
            birth_date=sent.birth_date,
            expected_date=sent.expected_date,
            estimated_age_years=sent.estimated_age_years,
            nhs_number=trusted,
            facts=facts,
            indicators=indicators,
            unrecognised=self._aside.counted(index),
            consent=own_consent or consent,
            open_case=str(open_case) if sent.open_case in (None, "not_known") else sent.open_case,
        )

    def check_others(self, sent: ToldIn, referrer: ReferrerIn | None, incident_postcode: str | None) -> None:
        """The forms of what identifies whoever is no subject."""
        self._check_people(sent.adults, ("adults",))
        self._check("postcode", incident_postcode, ("incident_address", "postcode"))
        if referrer is not None:
            self._check("phone", referrer.phone, ("referrer", "phone"))
            postcode = referrer.address.postcode if referrer.address else None
            self._check("postcode", postcode, ("referrer", "address", "postcode"))

    def facts(self, sent: Answers, place: Place = ()) -> dict[str, str | int]:
        """The answers given as facts and as named members; of two that differ the graver, and a person looks."""
        kept = self._understood(sent.facts, (*place, "facts"), {name: name for name in FACT_NAMES})
        named = {name: value for name in NAMED_FACTS if (value := getattr(sent, name)) is not None}
        if isinstance(injuries := named.get("injuries"), list):
            named["injuries"] = "yes" if injuries else "not_known"
        return self._graver(kept, self._understood(named, place, NAMED_FACTS), place)

    def _own_facts(self, sent: SubjectIn, place: Place) -> dict[str, str | int]:
        also: dict[str, str | int] = {}
        if sent.disability is not None:
            if sent.disability.codes:
                also["disabled"] = _YES_OR_NO[set(sent.disability.codes) != {_NO_DISABILITY}]
            if sent.disability.band is not None:
                also["disability_band"] = sent.disability.band
        return self._graver(self.facts(sent, place), also, place)

    def _graver(self, kept: dict[str, str | int], also: Mapping[str, str | int], place: Place) -> dict[str, str | int]:
        """Both together; of two answers to one fact that differ the graver, and a person looks."""
        for name, answer in also.items():
            there = kept.get(name, answer)
            kept[name] = graver(name, there, answer)
            if there != answer and "not_known" not in (there, answer):
                self._aside.put(SetAside((*place, "facts", name), "contradiction", CONTRADICTION))
        return kept

    def _understood(self, sent: Mapping[str, Any], place: Place, names: Mapping[str, str]) -> dict[str, str | int]:
        """What ``sent`` answers, by the fact's own name (``names`` says which member is which fact)."""
        kept: dict[str, str | int] = {}
        for member, value in sent.items():
            name = names.get(member)
            read = policy_facts.facts_from({name: value}) if name is not None else None
            if name is None or read is None:
                self._aside.put(SetAside(place, "unrecognised_fact"))
            elif read.unrecognised:
                self._aside.put(SetAside((*place, member), "unrecognised_value"))
            else:
                found = getattr(read, name)
                kept[name] = found.value if isinstance(found, StrEnum) else found
        return kept

    def _answered(self, sent: Mapping[str, Any], *, place: Place) -> dict[str, str]:
        kept: dict[str, str] = {}
        for code, said in sent.items():
            answer = _YES_OR_NO[said] if isinstance(said, bool) else said
            if code not in self._codes:
                self._aside.put(SetAside(place, "unrecognised_indicator"))
            elif answer not in ("yes", "no", "not_known"):
                self._aside.put(SetAside(place, "unrecognised_value"))
            elif not self._answers_left:
                self._aside.put(SetAside(place, "too_many"))
            else:
                kept[code] = answer
                self._answers_left -= 1
        return kept

    def _check_people(self, people: Iterable[PersonIn], place: Place) -> None:
        for at, person in enumerate(people):
            self._check_person(person, (*place, at))

    def _check_person(self, person: PersonIn | SubjectIn, place: Place) -> str | None:
        """Warns of forms that do not hold; returns the NHS number where it can be trusted."""
        self._check("phone", person.phone, (*place, "phone"))
        self._check("postcode", person.address.postcode if person.address else None, (*place, "address", "postcode"))
        return self._check("nhs_number", person.nhs_number, (*place, "nhs_number"))

    def _check(self, form: str, text: str | None, place: Place) -> str | None:
        if text is None:
            return None
        holds: Callable[[str], bool] = getattr(self._forms, form)
        if holds(text):
            return text
        self._aside.warn(place, "unverified", UNVERIFIED)
        return None


def _kind_of(sent: SubjectIn) -> str:
    if sent.expected_date is not None and sent.birth_date is None:
        return "unborn"
    adult_from_years = 18
    if sent.estimated_age_years is not None and sent.estimated_age_years >= adult_from_years:
        return "adult"
    return "child" if sent.birth_date or sent.estimated_age_years is not None or sent.upn else "unknown"
