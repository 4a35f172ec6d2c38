"""The YAML of a policy pack as strict pydantic models: unknown fields, wrong types and missing fields are errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from shared.policy.model import ConsentRule, Need
from shared.policy.schema_forms import Code, Positive, Strict, Words
from shared.policy.schema_golden import GoldenDecisionEntry, GoldenEntry, GoldenEventEntry
from shared.policy.schema_heading import (
    BaseEntry,
    HitPolicyEntry,
    LevelEntry,
    LineEntry,
    MeasureEntry,
    NextStepEntry,
    QuestionEntry,
    Ref,
)
from shared.policy.schema_timing import AlertEntry, CalendarEntry, ClockEntry, MessageEntry, RungEntry
from shared.policy.timetable import Strength


class HeaderEntry(Strict):
    """Which pack this is, what it shares, where its rules come from, and who may lower a rating."""

    id: Code
    version: Annotated[str, Field(pattern=r"^[0-9]+$")]
    title: Words
    source: Words
    status: Words
    uses: tuple[Ref, ...] = ()
    hit_policy: HitPolicyEntry
    lowered_by: Code


class RatingEntry(Strict):
    """A rating and what follows from it, whoever gave it; the greater rank is more urgent."""

    code: Code
    rank: Positive
    name: Words
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    pages: bool
    through_the_night: bool
    two_people_to_lower: bool


class RouteEntry(Strict):
    """What happens with a subject of one rating; some routes wait for a person to confirm them."""

    code: Code
    rating: Code
    rank: Positive
    name: Words
    consent: ConsentRule
    advice: tuple[Code, ...] = ()
    outcome: Code | None = None
    until_confirmed: Code | None = None
    confirmed_by: Code | None = None
    shared: bool = True


class OutcomeEntry(Strict):
    """How a subject's contact can end, what a decision for it needs, and who must agree."""

    code: Code
    rank: Annotated[int, Field(ge=0)]
    name: Words
    plain_words: Words
    counts_as_referral: bool
    needs: tuple[Need, ...]
    attendance: tuple[Code, ...] = ()
    levels: tuple[int, ...] = ()
    authorised_by: Code | None = None
    asks_family: bool = False
    no_further_action: bool = False


class HubEntry(Strict):
    """How the hub is staffed: which of its teams has the nights and weekends."""

    out_of_hours_team: Code


class QuorumEntry(Strict):
    """Who must take part in a kind of discussion for it to have been one."""

    discussion: Literal["priority", "strategy"]
    attendance: Annotated[tuple[Code, ...], Field(min_length=1)]


class RuleEntry(Strict):
    """One rule: a condition over facts, what follows, and the place in the source that says so."""

    id: Code
    when: JsonValue
    text: Words
    strength: Strength
    place: Words
    route: Code | None = None
    outcome: Code | None = None
    level: Annotated[int, Field(ge=1, le=9)] | None = None
    level_by_person: bool = False
    flags: tuple[Code, ...] = ()
    advice: tuple[Code, ...] = ()
    default: bool = False
    note: str = ""


class FallbackEntry(Strict):
    """What happens where the rules have no answer."""

    rule: Code
    route: Code
    text: Words
    place: Words
    strength: Strength
    flags: tuple[Code, ...] = ()


class FallbacksEntry(Strict):
    """The three cases without an answer: no rule matched, something was not recognised, no rating could be made."""

    unmatched: FallbackEntry
    unrecognised: FallbackEntry
    unrated: FallbackEntry


class IndicatorEntry(Strict):
    """One indicator of the framework, at its level, in its words."""

    code: Code
    level: int
    domain: Words
    label: Words
    source: Words
    ladder: str | None = None
    cin_factors: tuple[str, ...] = ()
    displaced: bool = False
    note: str = ""


class PrincipleEntry(Strict):
    """A principle of the source that no rule can hold, and what keeps it."""

    id: Code
    text: Words
    kept_by: Words
    strength: Strength
    place: Words


class PackFile(Strict):
    """One file of a pack; lists and word lists of all files are joined, the rest stands once."""

    pack: HeaderEntry | None = None
    base: BaseEntry | None = None
    fallbacks: FallbacksEntry | None = None
    calendar: CalendarEntry | None = None
    hub: HubEntry | None = None
    ratings: tuple[RatingEntry, ...] = ()
    routes: tuple[RouteEntry, ...] = ()
    outcomes: tuple[OutcomeEntry, ...] = ()
    indicators: tuple[IndicatorEntry, ...] = ()
    levels: tuple[LevelEntry, ...] = ()
    rules: tuple[RuleEntry, ...] = ()
    principles: tuple[PrincipleEntry, ...] = ()
    clocks: tuple[ClockEntry, ...] = ()
    messages: tuple[MessageEntry, ...] = ()
    ladder: tuple[RungEntry, ...] = ()
    alerts: tuple[AlertEntry, ...] = ()
    golden: tuple[GoldenEntry, ...] = ()
    golden_events: tuple[GoldenEventEntry, ...] = ()
    golden_decisions: tuple[GoldenDecisionEntry, ...] = ()
    guidance_questions: tuple[QuestionEntry, ...] = ()
    next_steps: tuple[NextStepEntry, ...] = ()
    lines: tuple[LineEntry, ...] = ()
    measures: tuple[MeasureEntry, ...] = ()
    domains: dict[str, Words] = Field(default={})
    milestones: dict[str, Words] = Field(default={})
    flags: dict[str, Words] = Field(default={})
    advice: dict[str, Words] = Field(default={})
    reasons: dict[str, Words] = Field(default={})
    services: dict[str, Words] = Field(default={})
    agencies: dict[str, Words] = Field(default={})
    teams: dict[str, Words] = Field(default={})
    questions: dict[str, Words] = Field(default={})
    grounds: dict[str, Words] = Field(default={})
    withdrawals: dict[str, Words] = Field(default={})
    leads: dict[str, Words] = Field(default={})
    guidance: dict[str, Words] = Field(default={})
    calls: dict[str, Words] = Field(default={})
    discussion_results: dict[str, Words] = Field(default={})
    quorums: tuple[QuorumEntry, ...] = ()
