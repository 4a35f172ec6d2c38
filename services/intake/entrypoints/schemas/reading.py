"""Reading a contact leniently: what does not fit is set aside with a warning; the body as sent is kept whole.

Refused is only what would leave nobody able to act: broken JSON, or no subject and no worry said. Warnings name the
place and never repeat a value, nor a member's name that is not ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.intake.domain.model.contact import ContactTold, Referrer, Subject, Told
from services.intake.domain.model.identifiers import (
    is_synthetic,
    nhs_number_holds,
    postcode_form_holds,
    upn_form_holds,
)
from services.intake.domain.model.reference import read_reference
from shared.policy import facts as policy_facts
from shared.web import FieldError, Problem

from .contact import SOURCE_CODES, ContactIn, SubjectIn
from .fitting import Place, SetAside, fit, parse

UNVERIFIED = "Its form or check digit does not hold; kept as unverified."
MOST_INDICATORS = 6000
"""Of all subjects together: what an event can carry (shared.messaging.outbox.MAX_VALUE_BYTES)."""
MOST_WARNINGS = 200


class Reader:
    """Reads contacts by one policy pack's indicators. In ``production`` a synthetic NHS number is not trusted."""

    def __init__(self, *, indicators: Collection[str], production: bool) -> None:
        self._indicators = indicators
        self._production = production

    def read(self, body: bytes, *, new_id: Callable[[], UUID]) -> ContactTold:
        """The contact in ``body``. Raises Problem 400 for broken JSON and 422 where nobody could act on it."""
        return _Reading(self._indicators, production=self._production, new_id=new_id).contact(parse(body))


class _Reading:
    """One contact being read; collects the warnings."""

    def __init__(self, indicators: Collection[str], *, production: bool, new_id: Callable[[], UUID]) -> None:
        self._codes = indicators
        self._production = production
        self._new_id = new_id
        self._answers_left = MOST_INDICATORS
        self._warnings: dict[Told, None] = {}
        self._set_aside: dict[int | None, Counter[str]] = {}
        """By subject index (None: the contact itself), how many values of each field nobody recognised."""

    def contact(self, raw: dict[str, Any]) -> ContactTold:
        fitted = fit(raw)
        if not fitted.something_told:
            raise _nobody_could_act()
        for one in fitted.set_aside:
            self._aside(one)
        sent = fitted.contact
        common = self._facts(sent.facts, place=("facts",))
        subjects = sent.subjects or [SubjectIn(kind="unknown")]
        told = tuple(self._subject(index, subject, sent, common) for index, subject in enumerate(subjects))
        source = sent.referrer.source_code
        if source is not None and source not in SOURCE_CODES:
            self._aside(SetAside(("referrer", "source_code"), "unrecognised_code"))
        follows = read_reference(sent.follows) if sent.follows else None
        if sent.follows and follows is None:
            self._warn(("follows",), "unverified", UNVERIFIED)
        return ContactTold(
            referrer=self._referrer(sent),
            subjects=self._with_common_unrecognised(told),
            channel=sent.channel,
            incident_at=sent.incident_at,
            first_attempted_at=sent.first_attempted_at,
            sender_grade=sent.sender_grade,
            on_behalf_of=sent.on_behalf_of,
            follows=follows,
            warnings=self._told(),
        )

    def _aside(self, one: SetAside) -> None:
        index = _subject_index(one.place)
        inner = one.place if index is None else one.place[2:]
        named = [part for part in inner if isinstance(part, str) and part in _KNOWN_NAMES]
        self._set_aside.setdefault(index, Counter())[named[-1] if named else "unknown_field"] += 1
        self._warn(one.place, one.code, one.detail)

    def _warn(self, place: Place, code: str, detail: str) -> None:
        self._warnings[Told(pointer=_pointer(place), code=code, detail=detail)] = None

    def _told(self) -> tuple[Told, ...]:
        """Each warning once, and not without end."""
        told = tuple(self._warnings)
        if len(told) <= MOST_WARNINGS:
            return told
        return (*told[:MOST_WARNINGS], Told(pointer="", code="more", detail="More was set aside than is listed here."))

    def _referrer(self, sent: ContactIn) -> Referrer:
        referrer = sent.referrer
        kind = referrer.kind or ("professional" if referrer.organisation or referrer.role else "public")
        return Referrer(
            kind=kind,
            source_code=referrer.source_code if referrer.source_code in SOURCE_CODES else "10",
            has_address=referrer.email is not None and kind != "anonymous",
        )

    def _subject(self, index: int, sent: SubjectIn, contact: ContactIn, common: Mapping[str, str | int]) -> Subject:
        place: Place = ("subjects", index)
        facts = _not_known_never_overrides(common, self._facts(sent.facts, place=(*place, "facts")))
        open_case = facts.pop("open_case", "not_known")
        indicators = self._answered(sent.indicators, place=(*place, "indicators"))
        self._check_forms(sent, place)
        return Subject(
            subject_id=self._new_id(),
            position=index + 1,
            kind=sent.kind or _kind_of(sent),
            birth_date=sent.birth_date,
            expected_date=sent.expected_date,
            estimated_age_years=sent.estimated_age_years,
            nhs_number=self._trusted_nhs_number(sent.nhs_number),
            facts=facts,
            indicators=indicators,
            unrecognised=dict(self._set_aside.get(index, {})),
            consent=contact.consent.state or "not_known",
            open_case=str(open_case) if sent.open_case in (None, "not_known") else sent.open_case,
        )

    def _with_common_unrecognised(self, subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
        """What was set aside of the contact itself counts for its first subject: once, not once a child."""
        common = self._set_aside.get(None)
        if not common:
            return subjects
        for name, count in common.items():
            subjects[0].unrecognised[name] = subjects[0].unrecognised.get(name, 0) + count
        return subjects

    def _facts(self, sent: Mapping[str, Any], *, place: Place) -> dict[str, str | int]:
        kept: dict[str, str | int] = {}
        for name, value in sent.items():
            read = policy_facts.facts_from({name: value}) if name in _FACT_NAMES else None
            if read is None:
                self._aside(SetAside(place, "unrecognised_fact"))
            elif read.unrecognised:
                self._aside(SetAside((*place, name), "unrecognised_value"))
            else:
                found = getattr(read, name)
                kept[name] = found.value if isinstance(found, StrEnum) else found
        return kept

    def _answered(self, sent: Mapping[str, Any], *, place: Place) -> dict[str, str]:
        kept: dict[str, str] = {}
        for code, answer in sent.items():
            if code not in self._codes:
                self._aside(SetAside(place, "unrecognised_indicator"))
            elif answer not in ("yes", "no", "not_known"):
                self._aside(SetAside(place, "unrecognised_value"))
            elif not self._answers_left:
                self._aside(SetAside(place, "too_many"))
            else:
                kept[code] = answer
                self._answers_left -= 1
        return kept

    def _check_forms(self, sent: SubjectIn, place: Place) -> None:
        if sent.nhs_number is not None and self._trusted_nhs_number(sent.nhs_number) is None:
            self._warn((*place, "nhs_number"), "unverified", UNVERIFIED)
        if sent.upn is not None and not upn_form_holds(sent.upn):
            self._warn((*place, "upn"), "unverified", UNVERIFIED)
        postcode = sent.address.postcode if sent.address else None
        if postcode is not None and not postcode_form_holds(postcode):
            self._warn((*place, "address", "postcode"), "unverified", UNVERIFIED)

    def _trusted_nhs_number(self, number: str | None) -> str | None:
        if number is None or not nhs_number_holds(number) or is_synthetic(number) == self._production:
            return None
        return number


def _names() -> set[str]:
    document = ContactIn.model_json_schema()
    schemas = [document, *document["$defs"].values()]
    return {name for schema in schemas for name in schema.get("properties", {})}


_FACT_NAMES = frozenset({*policy_facts.ANSWERS, *policy_facts.SCALES, *policy_facts.NUMBERS})
_KNOWN_NAMES = _FACT_NAMES | _names()


def _subject_index(place: Place) -> int | None:
    match place:
        case ("subjects", int(index), *_):
            return index
        case _:
            return None


def _kind_of(sent: SubjectIn) -> str:
    if sent.expected_date is not None and sent.birth_date is None:
        return "unborn"
    adult_from_years = 18
    if sent.estimated_age_years is not None and sent.estimated_age_years >= adult_from_years:
        return "adult"
    return "child" if sent.birth_date or sent.estimated_age_years is not None or sent.upn else "unknown"


def _not_known_never_overrides(common: Mapping[str, str | int], own: Mapping[str, str | int]) -> dict[str, str | int]:
    """What is said of every subject holds for this one, unless it is answered for itself."""
    return {**common, **{name: value for name, value in own.items() if value != "not_known" or name not in common}}


def _pointer(place: Place) -> str:
    """A JSON pointer as far as the names are ours: an unknown member's name could be anything."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, str) and part not in _KNOWN_NAMES:
            break
        parts.append(str(part))
    return "".join(f"/{part}" for part in parts)


def _nobody_could_act() -> Problem:
    return Problem(
        422,
        "nobody_could_act",
        detail="Say whom you are worried about (subjects) or what you are worried about (narrative).",
        errors=[FieldError("/subjects", "missing", "Name at least one subject, or send a narrative.")],
    )
