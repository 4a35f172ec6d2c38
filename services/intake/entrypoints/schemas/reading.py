"""Reading what partners send leniently: what does not fit is set aside with a warning; the body is kept whole, as sent.

Refused is only what would leave nobody able to act: broken JSON, or no subject and no worry said. Warnings name the
place and never repeat a value, nor a member's name that is not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain.model.contact import ContactTold, Referrer, Told, credible
from services.intake.domain.model.reference import read_reference
from services.intake.domain.model.standing import Addition, SubjectAddition
from shared.web import FieldError, Problem

from .contact import ContactIn, InformationIn, SubjectAddedIn, SubjectIn
from .fitting import Fitted, SetAside, ToldT, fit, parse
from .forms import Forms
from .parts import SOURCE_CODES
from .people import UNVERIFIED, People
from .setting_aside import Aside

NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationTold:
    """An addition as read: what it changes, whether a person must read words in it, and what it answers."""

    addition: Addition
    in_words: bool
    from_referrer: bool
    answers_request: UUID | None
    warnings: tuple[Told, ...]


class Reader:
    """Reads by one policy pack's indicators. In ``production`` a synthetic NHS number is not trusted."""

    def __init__(self, *, indicators: Collection[str], production: bool) -> None:
        self._indicators = indicators
        self._forms = Forms(production=production)

    def read(self, body: bytes | str, *, new_id: NewId) -> ContactTold:
        """The contact in ``body``. Raises Problem 400 for broken JSON and 422 where nobody could act on it."""
        return self.contact(parse(body), new_id=new_id)

    def contact(self, raw: dict[str, Any], *, new_id: NewId) -> ContactTold:
        """The contact in the JSON object ``raw``. Raises Problem 422 where nobody could act on it."""
        fitted = fit(raw, ContactIn)
        if not fitted.something_told:
            raise _nobody_could_act()
        sent, aside, people = self._begin(fitted, new_id)
        common, consent = people.facts(sent), sent.consent.state or "not_known"
        people.check_others(sent, sent.referrer, sent.incident_address.postcode if sent.incident_address else None)
        told = [
            people.subject(index, subject, common=common, consent=consent)
            for index, subject in enumerate(sent.subjects or [SubjectIn(kind="unknown")])
        ]
        if sent.referrer.source_code is not None and sent.referrer.source_code not in SOURCE_CODES:
            aside.put(SetAside(("referrer", "source_code"), "unrecognised_code"))
        follows = read_reference(sent.follows) if sent.follows else None
        if sent.follows and follows is None:
            aside.warn(("follows",), "unverified", UNVERIFIED)
        # What was set aside of the contact itself counts for its first subject: once, not once a child.
        for name, count in aside.counted(None).items():
            told[0].unrecognised[name] = told[0].unrecognised.get(name, 0) + count
        return ContactTold(
            referrer=_referrer(sent, self._forms),
            subjects=tuple(told),
            channel=sent.channel,
            incident_at=sent.incident_at,
            first_attempted_at=sent.first_attempted_at,
            sender_grade=sent.sender_grade,
            on_behalf_of=sent.on_behalf_of,
            follows=follows,
            warnings=aside.told(),
            facts=common,
            consent=consent,
            sender_reference=sent.sender_reference,
        )

    def again(self, text: str, *, accepted_at: datetime, new_id: NewId) -> ContactTold:
        """A contact as it was taken at ``accepted_at``, read from what was kept of it."""
        return credible(self.read(text, new_id=new_id), accepted_at)

    def information(self, body: bytes | str, *, new_id: NewId) -> InformationTold:
        """The addition in ``body``. Raises Problem 400 for broken JSON and 422 where nothing is told in it."""
        fitted = fit(parse(body), InformationIn)
        sent, aside, people = self._begin(fitted, new_id)
        if not (fitted.something_told or sent.consent.state or sent.adults or sent.help_tried or sent.attachments):
            raise _nothing_told()
        common = people.facts(sent)
        people.check_others(sent, None, None)
        subjects = tuple(_added(people, index, subject) for index, subject in enumerate(sent.subjects))
        return InformationTold(
            addition=Addition(
                facts=common,
                consent=sent.consent.state or "not_known",
                unrecognised=aside.counted(None),
                subjects=subjects,
            ),
            in_words=bool(sent.narrative or sent.help_tried or sent.attachments or aside.counted(None)),
            from_referrer=sent.from_referrer,
            answers_request=sent.answers_request,
            warnings=aside.told(),
        )

    def _begin(self, fitted: Fitted[ToldT], new_id: NewId) -> tuple[ToldT, Aside, People]:
        aside = Aside()
        for one in fitted.set_aside:
            aside.put(one)
        return fitted.told, aside, People(self._indicators, self._forms, aside, new_id)


def _added(people: People, index: int, sent: SubjectAddedIn) -> SubjectAddition:
    told = people.subject(index, sent, common={}, consent="not_known")
    return SubjectAddition(of=sent.subject_id or sent.position, kind=sent.kind, told=told)


def _referrer(sent: ContactIn, forms: Forms) -> Referrer:
    referrer = sent.referrer
    kind = referrer.kind or ("professional" if referrer.organisation or referrer.role else "public")
    if kind == "professional" and referrer.involved == "yes":
        kind = "involved_professional"
    return Referrer(
        kind=kind,
        source_code=referrer.source_code if referrer.source_code in SOURCE_CODES else "10",
        has_address=referrer.email is not None and kind != "anonymous",
        has_mobile=forms.mobile(referrer.phone) is not None and kind != "anonymous",
    )


def _nobody_could_act() -> Problem:
    return Problem(
        422,
        "nobody_could_act",
        detail="Say whom you are worried about (subjects) or what you are worried about (narrative).",
        errors=[FieldError("/subjects", "missing", "Name at least one subject, or send a narrative.")],
    )


def _nothing_told() -> Problem:
    return Problem(
        422,
        "nothing_told",
        detail="Say what is new: a narrative, facts, subjects, or a change of consent.",
        errors=[FieldError("/narrative", "missing", "Send a narrative, facts, subjects or consent.")],
    )
