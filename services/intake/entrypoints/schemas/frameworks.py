"""A framework of levels of need as professionals read it before they make a contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from services.intake.domain.model.guidance import Call
from shared.policy.levels import Level, Question
from shared.policy.model import Indicator, Pack


class View(BaseModel):
    """Part of what guidance answers."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class Worded(View):
    """A code and what it means."""

    code: str = Field(examples=["early_help_hub"])
    words: str = Field(examples=["The early help hub"])


class CallOut(Worded):
    """Whom to call; number and hours where this place has them."""

    number: str | None = Field(examples=["01632 960103"])
    when: str | None = Field(examples=["Monday to Friday 9.00 to 17.00"])


class BranchOut(View):
    """One of several ways a level is answered."""

    when: str
    lead: str
    response: str


class LevelOut(View):
    """One level of need: what it means, who coordinates, what is done."""

    level: int = Field(examples=[2])
    name: str = Field(examples=["Early Help / Universal Plus"])
    means: str = Field(examples=["Some unmet need that one lead agency can answer"])
    coordinator: str
    responses: list[str] = Field(examples=[["Early help assessment", "Lead professional"]])
    descriptors: list[str]
    branches: list[BranchOut]
    call: str | None = Field(description="Whom to call at this level: a code of calls.")


class IndicatorOut(View):
    """One bullet of the published lists: a prompt for a professional, never evidence by itself."""

    code: str = Field(examples=["L2-HLT-DISAB"])
    level: int
    words: str
    place: str


class HeadingOut(View):
    """The indicators under one heading of the published lists."""

    heading: str
    indicators: list[IndicatorOut]


class QuestionOut(View):
    """A question to ask oneself; ``answers`` is the fact or indicator that a yes says."""

    code: str
    asks: str
    if_yes: str | None
    answers: str | None


class PolicyRef(View):
    """Which pack, which version, which content."""

    id: str = Field(examples=["southampton-pathways-2021"])
    version: str = Field(examples=["1"])
    hash: str


class FrameworkOut(PolicyRef):
    """One framework. ``active``: contacts are rated with it."""

    title: str
    source: str
    status: str
    active: bool
    levels: list[LevelOut]
    headings: list[HeadingOut]
    questions: list[QuestionOut]
    guidance: list[Worded]
    calls: list[CallOut]


class Frameworks(View):
    """Every framework that is installed here."""

    frameworks: list[FrameworkOut]


def policy_ref(pack: Pack) -> PolicyRef:
    """The pack's name and content."""
    return PolicyRef(id=pack.id, version=pack.version, hash=pack.content_hash)


def framework_out(pack: Pack, *, active: Pack) -> FrameworkOut:
    """The pack as a framework for readers."""
    return FrameworkOut(
        **policy_ref(pack).model_dump(),
        title=pack.title,
        source=pack.source,
        status=pack.status,
        active=pack.ref == active.ref,
        levels=[level_out(level) for _, level in sorted(pack.levels.items())],
        headings=[_heading(pack, domain) for domain in dict.fromkeys(one.domain for one in pack.indicators.values())],
        questions=[_question(one) for one in pack.guidance_questions],
        guidance=worded(pack.guidance),
        calls=[
            CallOut(code=code, words=words, number=line.number if line else None, when=line.when if line else None)
            for code, words in pack.calls.items()
            for line in (pack.lines.get(code),)
        ],
    )


def worded(words: Mapping[str, str]) -> list[Worded]:
    """A word list as a list."""
    return [Worded(code=code, words=text) for code, text in words.items()]


def level_out(level: Level) -> LevelOut:
    """One level."""
    return LevelOut(
        level=level.level,
        name=level.name,
        means=level.means,
        coordinator=level.coordinator,
        responses=list(level.responses),
        descriptors=list(level.descriptors),
        branches=[BranchOut(when=one.when, lead=one.lead, response=one.response) for one in level.branches],
        call=level.call,
    )


def call_out(call: Call) -> CallOut:
    """Somebody to call."""
    return CallOut(code=call.code, words=call.words, number=call.number, when=call.when)


def _heading(pack: Pack, domain: str) -> HeadingOut:
    indicators = [_indicator(one) for one in pack.indicators.values() if one.domain == domain]
    return HeadingOut(heading=pack.domains.get(domain, domain), indicators=indicators)


def _indicator(one: Indicator) -> IndicatorOut:
    return IndicatorOut(code=one.code, level=one.level, words=one.label, place=one.place)


def _question(one: Question) -> QuestionOut:
    return QuestionOut(code=one.code, asks=one.asks, if_yes=one.if_yes, answers=one.answers)
