"""A policy pack as frozen data: everything a place decides about ratings, routes, outcomes and telling people.

Standard library only, so that every service's domain may import it. Built by `shared.policy.loader`, asked through
`shared.policy.evaluate`, `shared.policy.clocks` and `shared.policy.telling`. No code knows a rating by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from shared.policy.asking import RuleIndex
from shared.policy.conditions import Condition
from shared.policy.golden import GoldenCase, GoldenDecision, GoldenEvent
from shared.policy.levels import Level, Question
from shared.policy.measures import MeasureRule
from shared.policy.next_steps import Line, NextStep
from shared.policy.timetable import (
    AlertRule,
    Calendar,
    ClockRule,
    MessageRule,
    Rung,
    Strength,
)

Names: TypeAlias = tuple[str, ...]


class ConsentRule(StrEnum):
    """What a route asks about consent before agencies share."""

    REQUIRED = "required"  # given, or a recorded reason for doing without, before checks and before the decision
    CONSIDERED = "considered"  # think of it; may be dispensed with at first, the reason recorded; holds nothing up
    NOT_NEEDED = "not_needed"


class Need(StrEnum):
    """What a decision must carry before it may be made."""

    RATIONALE = "rationale"
    ATTENDANCE = "attendance"  # who was in the discussion: every party of Outcome.attendance
    INQUIRY = "inquiry"  # single agency, or joint with police
    HELD_AT = "held_at"
    LEVEL = "level"  # one of Outcome.levels
    LEAD = "lead"  # who leads the plan
    SERVICES = "services"
    TEAM = "team"  # the team or authority it goes to
    ALLOCATED_TEAM = "allocated_team"  # the team that has the open case: one of the pack's teams
    CONSENT = "consent"  # consent, or the reason for doing without


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How fast. Compare by `rank` only: a greater rank is more urgent."""

    code: str
    rank: int
    name: str
    colour: str
    pages: bool
    through_the_night: bool
    two_people_to_lower: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """By which way. `until_confirmed`: the route in force (rating and clocks) while this one is only proposed."""

    code: str
    rating: str
    rank: int
    name: str
    consent: ConsentRule
    advice: Names = ()
    outcome: str | None = None
    until_confirmed: str | None = None
    confirmed_by: str | None = None
    shared: bool = True  # False: it stays where it is, no agency is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a subject's decision may end. Rank orders floors; an outcome of rank 0 lies below every floor."""

    code: str
    rank: int
    name: str
    plain_words: str
    counts_as_referral: bool
    needs: tuple[Need, ...]
    attendance: Names = ()
    levels: tuple[int, ...] = ()
    authorised_by: str | None = None
    asks_family: bool = False
    no_further_action: bool = False  # counts as such in the history of a later contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When this holds, nothing lower than `route` and `outcome` may be proposed."""

    id: str
    when: Condition
    text: str
    strength: Strength
    place: str
    route: str | None = None
    outcome: str | None = None
    level: int | None = None
    level_by_person: bool = False  # the code alone cannot tell the level: the practitioner names it
    flags: Names = ()
    advice: Names = ()
    default: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What is rated when no rule can: the reason shown, and the route whose clocks run."""

    rule: str
    route: str
    text: str
    place: str
    strength: Strength = Strength.DEFAULT
    flags: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallbacks:
    """The three ways a rating can fail to come from a rule."""

    unmatched: Fallback  # no rule that rates held
    unrecognised: Fallback  # something was said that nobody recognises
    unrated: Fallback  # the machine failed: ranked above everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One bullet of the published lists: a prompt for a professional, never evidence by itself."""

    code: str
    level: int
    domain: str
    label: str
    place: str
    ladder: str | None
    cin_factors: Names
    displaced: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Principle:
    """A rule of the document that is kept by something other than a condition on facts; `kept_by` says what."""

    id: str
    text: str
    kept_by: str
    strength: Strength
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One version of one place's policy."""

    id: str
    version: str
    content_hash: str
    title: str
    source: str
    status: str  # in force, draft, replaced by what
    uses: Names  # the bases whose entries this pack shares, as <id>@<version>
    hit_policy: Mapping[str, str]  # what happens when several rules hold, in DMN's words, by what is asked
    ratings: Mapping[str, Rating]
    routes: Mapping[str, Route]
    outcomes: Mapping[str, Outcome]
    fallbacks: Fallbacks
    lowered_by: str  # the role that may go below a floor, with a reason
    indicators: Mapping[str, Indicator]
    levels: Mapping[int, Level]
    domains: Mapping[str, str]
    rules: tuple[Rule, ...]
    principles: tuple[Principle, ...]
    clocks: Mapping[str, ClockRule]
    messages: tuple[MessageRule, ...]
    ladder: tuple[Rung, ...]
    alerts: tuple[AlertRule, ...]
    calendar: Calendar
    milestones: Mapping[str, str]
    measures: Mapping[str, MeasureRule]  # what the monthly figures count, by code
    flags: Mapping[str, str]
    advice: Mapping[str, str]
    reasons: Mapping[str, str]  # why a decision went as it did, in words a referrer may be sent
    services: Mapping[str, str]  # what a child may be signposted to, in words a referrer may be sent
    agencies: Mapping[str, str]  # who may be asked for a check, by code
    teams: Mapping[str, str]  # who a contact may be assigned to
    questions: Mapping[str, str]  # what a referrer may be asked, in words that are sent
    grounds: Mapping[str, str]  # why a decision is challenged
    withdrawals: Mapping[str, str]  # why a referrer would take a contact back
    discussion_results: Mapping[str, str]  # what a priority or strategy discussion ended with
    quorums: Mapping[str, Names]  # who must take part in a discussion, by its kind
    out_of_hours_team: str  # the team of nights and weekends: contacts are handed over to and from it
    leads: Mapping[str, str]  # who may lead early help
    guidance: Mapping[str, str]  # what a professional is told to do before making contact
    guidance_questions: tuple[Question, ...]  # what a professional asks before making contact, in order
    calls: Mapping[str, str]  # whom to call
    lines: Mapping[str, Line]  # how they are reached, by code of calls
    next_steps: tuple[NextStep, ...]  # what a professional does next
    golden: tuple[GoldenCase, ...]
    golden_events: tuple[GoldenEvent, ...]
    golden_decisions: tuple[GoldenDecision, ...]
    asking: RuleIndex = field(init=False, repr=False, compare=False)  # these two are made of the others, never given
    proposals: frozenset[str] = field(init=False, repr=False, compare=False)  # routes that wait to be confirmed

    def __post_init__(self) -> None:
        object.__setattr__(self, "asking", RuleIndex([rule.when for rule in self.rules]))
        waiting = frozenset(route.code for route in self.routes.values() if route.until_confirmed is not None)
        object.__setattr__(self, "proposals", waiting)

    @property
    def ref(self) -> str:
        """Id and version as settings and events name them."""
        return f"{self.id}@{self.version}"

    def rating_of(self, route: str) -> Rating:
        """The rating a route belongs to; KeyError for a route this pack does not have."""
        return self.ratings[self.routes[route].rating]
