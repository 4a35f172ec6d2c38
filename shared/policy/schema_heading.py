"""The YAML of a policy pack that says what it is made of, and what guidance it gives before a contact."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from shared.policy.schema_forms import Code, Strict, Words

Ref: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*@[0-9]+$", max_length=80)]


class BaseEntry(Strict):
    """A folder that packs use for what they share; nobody is rated by it alone."""

    id: Code
    version: Annotated[str, Field(pattern=r"^[0-9]+$")]
    title: Words
    source: Words


class HitPolicyEntry(Strict):
    """What happens when several rules hold, in DMN's words. What the evaluator does not do is refused here.

    Collect max: every rule is asked, the highest rank wins. Rule order: all that held, in the order of the pack.
    Collect: all that were met.
    """

    rating: Literal["collect max"]
    outcome: Literal["collect max"]
    level: Literal["collect max"]
    reasons: Literal["rule order"]
    clocks: Literal["collect"]
    messages: Literal["collect"]


class BranchEntry(Strict):
    """One of several ways a level is answered."""

    when: Words
    lead: Words
    response: Words


class LevelEntry(Strict):
    """A level of need and what answers it."""

    level: Annotated[int, Field(ge=1, le=9)]
    name: Words
    means: Words
    responses: Annotated[tuple[Words, ...], Field(min_length=1)]
    descriptors: tuple[Words, ...] = ()
    coordinator: Annotated[str, Field(max_length=600)] = ""
    branches: tuple[BranchEntry, ...] = ()
    call: Code | None = None


class LineEntry(Strict):
    """How somebody whom guidance says to call is reached."""

    call: Code
    number: Annotated[str, Field(pattern=r"^[0-9+][0-9 ]{2,19}$")]
    when: Words


class NextStepEntry(Strict):
    """One thing to do next; every list that is given must have one of what the answers come to."""

    code: Code
    words: Words
    calls: tuple[Code, ...] = ()
    now: bool = False
    routes: tuple[Code, ...] = ()
    levels: tuple[int, ...] = ()
    flags: tuple[Code, ...] = ()
    advice: tuple[Code, ...] = ()


class MeasureEntry(Strict):
    """What a monthly measure counts: a milestone, decided outcomes, an age, answers to facts, census factors."""

    code: Code
    name: Words
    milestone: Code | None = None
    outcomes: tuple[Code, ...] = ()
    age_from: Annotated[int, Field(ge=0, le=25)] | None = None
    facts: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default={})
    cin_factors: tuple[str, ...] = ()


class QuestionEntry(Strict):
    """One question before a contact; `answers` names the fact or indicator that a yes says."""

    code: Code
    asks: Words
    if_yes: Words | None = None
    answers: Code | None = None
