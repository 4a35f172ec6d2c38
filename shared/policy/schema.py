"""The YAML of a policy pack as strict pydantic models: unknown fields, wrong types and missing fields are errors."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.policy.model import ConsentRule, Need
from shared.policy.timetable import Counting, Per, Start, Strength

Code: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)]
Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=600)]
Positive: TypeAlias = Annotated[int, Field(gt=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class HeaderEntry(_Strict):
    id: Code
    version: Annotated[str, Field(pattern=r"^[0-9]+$")]
    title: Words
    source: Words
    lowered_by: Code


class RatingEntry(_Strict):
    code: Code
    rank: Positive
    name: Words
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    pages: bool
    through_the_night: bool
    two_people_to_lower: bool


class RouteEntry(_Strict):
    code: Code
    rating: Code
    rank: Positive
    name: Words
    consent: ConsentRule
    advice: tuple[Code, ...] = ()
    outcome: Code | None = None
    until_confirmed: Code | None = None
    confirmed_by: Code | None = None


class OutcomeEntry(_Strict):
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


class RuleEntry(_Strict):
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


class FallbackEntry(_Strict):
    rule: Code
    route: Code
    text: Words
    place: Words
    strength: Strength
    flags: tuple[Code, ...] = ()


class FallbacksEntry(_Strict):
    unmatched: FallbackEntry
    unrecognised: FallbackEntry
    unrated: FallbackEntry


class WithinEntry(_Strict):
    minutes: Positive | None = None
    hours: Positive | None = None
    weeks: Positive | None = None
    working_hours: Positive | None = None
    working_days: Positive | None = None
    counting: Counting = Counting.DAY_AFTER


class TriggerEntry(_Strict):
    event: Code
    where: dict[str, tuple[str, ...]] = {}


class ClockEntry(_Strict):
    kind: Code
    name: Words
    starts_on: Annotated[tuple[TriggerEntry, ...], Field(min_length=1)]
    stops_on: Annotated[tuple[TriggerEntry, ...], Field(min_length=1)]
    cancels_on: tuple[TriggerEntry, ...] = ()
    within: WithinEntry
    beside: WithinEntry | None = None
    counts_from: Start
    per: Per
    warnings: tuple[Annotated[float, Field(gt=0, le=1)], ...] = (0.5, 0.8, 1.0)
    pages: bool = False
    towards_referrer: bool = False
    outlives_closure: bool = False
    repeats: bool = False
    watched_if: Code | None = None
    place: Words
    strength: Strength
    default: bool = False


class MessageEntry(_Strict):
    code: Code
    on: TriggerEntry
    referrer_kinds: tuple[Code, ...]
    template: Code
    tells_outcome: bool
    clock: Code | None = None
    place: Words
    default: bool = False


class RungEntry(_Strict):
    role: Code
    out_of_hours_role: Code
    after_minutes: Annotated[int, Field(ge=0)]


class AlertEntry(_Strict):
    code: Code
    on: TriggerEntry
    rung: Annotated[int, Field(ge=0)]
    template: Code


class CalendarEntry(_Strict):
    zone: Words
    holidays: Code
    hours: dict[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], tuple[time, time]
    ]
    default: bool = False


class IndicatorEntry(_Strict):
    code: Code
    level: int
    domain: Words
    label: Words
    source: Words
    ladder: str | None = None
    cin_factors: tuple[str, ...] = ()
    displaced: bool = False
    note: str = ""


class LevelEntry(_Strict):
    level: int
    name: Words
    means: Words
    response: Words


class PrincipleEntry(_Strict):
    id: Code
    text: Words
    kept_by: Words
    strength: Strength
    place: Words


class ExpectedEntry(_Strict):
    rating: Code
    routes: tuple[Code, ...]
    proposed_route: Code | None = None
    outcome: Code | None = None
    level: int | None = None
    rules: tuple[Code, ...]
    flags: tuple[Code, ...] = ()
    clocks: tuple[Code, ...] | None = None


class GoldenEntry(_Strict):
    name: Words
    facts: dict[str, JsonValue]
    expect: ExpectedEntry


class PackFile(_Strict):
    """One file of a pack; lists and word lists of all files are joined, the rest stands once."""

    pack: HeaderEntry | None = None
    fallbacks: FallbacksEntry | None = None
    calendar: CalendarEntry | None = None
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
    domains: dict[str, Words] = {}
    milestones: dict[str, Words] = {}
    flags: dict[str, Words] = {}
    advice: dict[str, Words] = {}
    reasons: dict[str, Words] = {}
    services: dict[str, Words] = {}
