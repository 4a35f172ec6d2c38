"""What a professional answers before a contact, and what they are told. Nothing of either is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from services.intake.domain.model.contact import Told
from services.intake.domain.model.guidance import Guidance, age_said
from services.intake.domain.model.words import QUESTIONS, said_in_words
from shared.policy.evaluate import Reason
from shared.policy.facts import Facts
from shared.policy.model import Pack
from shared.policy.subject import subject_facts
from shared.web import StrictBody

from .answers import WarningOut
from .frameworks import CallOut, LevelOut, PolicyRef, View, Worded, call_out, level_out, policy_ref
from .reading import Reader

NOBODY = UUID(int=0)
_OF_ONE = "/subjects/0"
EXAMPLE: JsonDict = {
    "kind": "child",
    "age": {"unit": "weeks", "value": 8},
    "referrer_kind": "involved_professional",
    "facts": {"bruise_or_mark": "yes", "independently_mobile": "no"},
    "indicators": {"L2-HLT-DISAB": "not_known"},
}
Name = Annotated[str, Field(max_length=80)]
Given = str | int | float | bool | None


class AgeGiven(StrictBody):
    """An age; never a date of birth."""

    unit: Literal["weeks", "months", "years"]
    value: Annotated[int, Field(ge=0, le=1500)]


class CheckBody(StrictBody):
    """What is known of one child or adult, without saying who it is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    kind: Literal["child", "unborn", "adult", "unknown"]
    age: AgeGiven | None = None
    referrer_kind: Literal["involved_professional", "professional", "family", "public", "anonymous"] | None = None
    consent: Literal["given", "refused", "not_sought", "not_applicable"] | None = None
    open_case: Literal["yes", "no", "not_known"] | None = None
    facts: Annotated[dict[Name, Given], Field(max_length=100)] = Field(
        default={}, description="Answered facts, by the names at GET /v1/code-sets."
    )
    indicators: Annotated[dict[Name, Given], Field(max_length=1000)] = Field(
        default={}, description="Indicator code: yes, no or not_known."
    )
    framework: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="Whose levels to name, by id; without it those that contacts are rated with."
    )


class RatingOut(Worded):
    """How fast, as the contact would be rated; people decide."""

    colour: str


class FactOut(View):
    """A fact that a reason rests on."""

    name: str
    question: str = Field(examples=["Is there a bruise or a mark?"])
    answer: str = Field(examples=["Yes"])


class ReasonOut(View):
    """One rule that held, and where it is written."""

    rule: str = Field(examples=["R-BRUISE-NM"])
    words: str
    place: str
    strength: str = Field(examples=["explicit"])
    facts: list[FactOut]


class GuidanceOut(View):
    """What the answers come to. It advises; nothing of it has been kept, and no contact has been made."""

    framework: str = Field(description="Whose levels are named.", examples=["southampton-pathways-2021"])
    level: LevelOut | None = Field(description="The likely level; null where the answers name none.")
    level_by_person: bool = Field(description="A professional must name the level: the answers cannot.")
    rating: RatingOut
    routes: list[Worded] = Field(description="By which way a contact would go.")
    proposed_route: Worded | None = Field(description="A less urgent way that a manager may confirm.")
    outcome: Worded | None
    phone_now: list[CallOut] = Field(description="Call these now, before you write anything; empty: no need.")
    next_steps: list[Worded]
    advice: list[Worded]
    call: list[CallOut] = Field(description="Who can help with the next steps.")
    reasons: list[ReasonOut]
    warnings: list[WarningOut]
    policy: PolicyRef


@dataclass(frozen=True, slots=True)
class Read:
    """The answers as a contact's would be read."""

    facts: Facts
    warnings: tuple[Told, ...]


def read_answers(body: CheckBody, reader: Reader) -> Read:
    """The answers, read as those of a contact about one subject: the same words understood, the same set aside."""
    told = reader.read(json.dumps(_as_contact(body)).encode(), new_id=lambda: NOBODY)
    [subject] = told.subjects
    age = age_said(body.age.unit, body.age.value) if body.age is not None else None
    facts = subject_facts(
        subject.facts,
        indicators=subject.indicators,
        kind=subject.kind,
        age=(age.unit, age.value) if age is not None else ("unknown", None),
        consent=subject.consent,
        open_case=subject.open_case,
        referrer_kind=told.referrer.kind,
        unrecognised=sum(subject.unrecognised.values()),
    )
    return Read(facts, told.warnings)


def _as_contact(body: CheckBody) -> dict[str, Any]:
    subject = {"kind": body.kind, "open_case": body.open_case, "facts": body.facts, "indicators": body.indicators}
    return {"referrer": {"kind": body.referrer_kind}, "subjects": [subject], "consent": {"state": body.consent}}


def guidance_out(found: Guidance, pack: Pack, warnings: tuple[Told, ...]) -> GuidanceOut:
    """The answer, in words."""
    rating, level = found.rating, found.framework.levels.get(found.level or 0)
    shown = pack.ratings[rating.rating]
    proposed = rating.proposed_route
    return GuidanceOut(
        framework=found.framework.id,
        level=level_out(level) if level is not None else None,
        level_by_person=found.level_by_person,
        rating=RatingOut(code=shown.code, words=shown.name, colour=shown.colour),
        routes=[Worded(code=code, words=pack.routes[code].name) for code in rating.routes],
        proposed_route=Worded(code=proposed, words=pack.routes[proposed].name) if proposed else None,
        outcome=Worded(code=rating.outcome, words=pack.outcomes[rating.outcome].name) if rating.outcome else None,
        phone_now=[call_out(one) for one in found.phone_now],
        next_steps=[Worded(code=step.code, words=step.words) for step in found.steps],
        advice=[Worded(code=code, words=pack.advice[code]) for code in rating.advice],
        call=[call_out(one) for one in found.call],
        reasons=[_reason(one, pack) for one in rating.reasons],
        warnings=[
            WarningOut(pointer=one.pointer.removeprefix(_OF_ONE), code=one.code, detail=NOT_UNDERSTOOD)
            for one in warnings
        ],
        policy=policy_ref(pack),
    )


NOT_UNDERSTOOD = "Not understood here; in a contact a person would look at it."


def _reason(reason: Reason, pack: Pack) -> ReasonOut:
    return ReasonOut(
        rule=reason.rule,
        words=reason.text,
        place=reason.place,
        strength=reason.strength.value,
        facts=[
            FactOut(name=name, question=_asked(name, pack), answer=said_in_words(name, value))
            for name, value in reason.facts
        ],
    )


def _asked(name: str, pack: Pack) -> str:
    indicator = pack.indicators.get(name)
    return indicator.label if indicator is not None else QUESTIONS.get(name, name.replace("_", " "))
