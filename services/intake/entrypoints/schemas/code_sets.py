"""Every code a sender may use, with its words: taken from the form of a contact itself, and from the pack in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field

from services.intake.domain.model import words
from services.intake.domain.model.words import FactWords
from shared.policy.model import Pack

from .contact import ContactIn
from .frameworks import PolicyRef, View, Worded, policy_ref, worded


class FactSet(View):
    """A fact a sender may state, as a question, and how it is answered."""

    name: str = Field(examples=["attendance_percent"])
    question: str = Field(examples=["What share of sessions does the child attend, in per cent?"])
    form: str = Field(examples=["number"])
    values: list[Worded]
    minimum: int | None = Field(examples=[0])
    maximum: int | None = Field(examples=[100])


class IndicatorSet(Worded):
    """An indicator, answered yes, no or not_known."""

    level: int
    heading: str


class CodeSets(View):
    """What a sender may say in codes. What is not here is kept all the same, and a person looks."""

    policy: PolicyRef
    facts: list[FactSet]
    indicators: list[IndicatorSet]
    answers: list[Worded]
    source_codes: list[Worded]
    referrer_kinds: list[Worded]
    subject_kinds: list[Worded]
    sexes: list[Worded]
    disabilities: list[Worded]
    relationships: list[Worded]
    channels: list[Worded]
    grades: list[Worded]
    consent_states: list[Worded]
    withdrawals: list[Worded]
    grounds: list[Worded]


def code_sets(pack: Pack) -> CodeSets:
    """All of them."""
    subject, person = _part("subjects"), _part("adults")
    return CodeSets(
        policy=policy_ref(pack),
        facts=[_fact(one) for one in words.facts_to_state()],
        indicators=[
            IndicatorSet(
                code=one.code, words=one.label, level=one.level, heading=pack.domains.get(one.domain, one.domain)
            )
            for one in pack.indicators.values()
        ],
        answers=worded(words.ANSWER_WORDS),
        source_codes=worded(words.SOURCE_WORDS),
        referrer_kinds=_said(_part("referrer"), "kind", words.REFERRER_WORDS),
        subject_kinds=_said(subject, "kind", words.KIND_WORDS),
        sexes=_said(subject, "sex", words.SEX_WORDS),
        disabilities=_said(subject, "disabilities", words.DISABILITY_WORDS),
        relationships=_said(person, "relationship_code", {}),
        channels=_said(ContactIn, "channel", words.CHANNEL_WORDS),
        grades=_said(ContactIn, "sender_grade", {}),
        consent_states=_said(_part("consent"), "state", words.CONSENT_WORDS),
        withdrawals=worded(pack.withdrawals),
        grounds=worded(pack.grounds),
    )


def _fact(one: FactWords) -> FactSet:
    least, most = one.bounds or (None, None)
    return FactSet(
        name=one.name,
        question=one.question,
        form=one.form.value,
        values=worded(one.values),
        minimum=least,
        maximum=most,
    )


def _part(member: str) -> type[BaseModel]:
    """The model of one member of a contact, or of the entries of a list."""
    found = ContactIn.model_fields[member].annotation
    inner = get_args(found)
    model: Any = inner[0] if inner else found
    return model


def _said(model: type[BaseModel], member: str, its_words: Mapping[str, str]) -> list[Worded]:
    """The values that a member of the form takes, each with its words."""
    field = model.model_fields.get(member)
    codes = _literals(field.annotation) if field is not None else ()
    return [Worded(code=code, words=its_words.get(code) or words.plain(code)) for code in codes]


def _literals(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(code for inner in get_args(annotation) for code in _literals(inner))
