"""Rating one subject: what its facts weigh, in words that staff see. Pure; standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.policy.conditions import Fired
from shared.policy.facts import Facts
from shared.policy.model import Fallback, Pack, Rule
from shared.policy.reading import Reading
from shared.policy.timetable import Strength
from shared.policy.weighing import highest_outcome, in_force, weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason staff see: the rule, the facts that made it fire, and where the published document says so."""

    rule: str
    route: str | None
    outcome: str | None
    facts: Fired
    place: str
    strength: Strength
    text: str
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRating:
    """What the pack says of one subject. `rating` and `routes` are in force now; the clocks of every route run.

    `proposed_route` waits for a person to confirm it (`Route.confirmed_by`). `outcome` is the proposal, never below
    `outcome_floor`. `level` is the level of need the ticks suggest; the practitioner names it, always so when
    `level_by_person`.
    """

    rating: str
    routes: tuple[str, ...]
    proposed_route: str | None
    outcome: str | None
    outcome_floor: str | None
    level: int | None
    level_by_person: bool
    needs_person: bool
    flags: tuple[str, ...]
    advice: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def route(self) -> str:
        """The first of the routes in force."""
        return self.routes[0]

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that fired."""
        return tuple(reason.rule for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Floor:
    """What only a named person may go below; `two_people` when one is not enough."""

    rating: str | None
    outcome: str | None
    two_people: bool


def rate(pack: Pack, facts: Facts) -> SubjectRating:
    """Rate one subject. Never raises on facts: what cannot be matched or recognised asks for a person."""
    reading = Reading.of(facts)
    weighed = weigh(pack, reading)
    rules, fallbacks, routes = weighed.rules, weighed.fallbacks, weighed.routes
    return SubjectRating(
        rating=pack.routes[routes[0]].rating,
        routes=routes,
        proposed_route=weighed.proposed,
        outcome=weighed.outcome,
        outcome_floor=weighed.floor,
        level=_level(pack, reading, rules),
        level_by_person=any(rule.level_by_person for rule in rules),
        needs_person=bool(fallbacks),
        flags=_once(flag for each in (*rules, *fallbacks) for flag in each.flags),
        advice=_once(advice for each in (*(pack.routes[route] for route in routes), *rules) for advice in each.advice),
        reasons=(
            *(_reason(rule, reading) for rule in rules),
            *(_fallback_reason(each, weighed.strange) for each in fallbacks),
        ),
    )


def unrated(pack: Pack) -> SubjectRating:
    """What to say when rating itself failed: the pack's top rank, which pages, with a clock running."""
    fallback = pack.fallbacks.unrated
    return SubjectRating(
        rating=pack.routes[fallback.route].rating,
        routes=(fallback.route,),
        proposed_route=None,
        outcome=None,
        outcome_floor=None,
        level=None,
        level_by_person=True,
        needs_person=True,
        flags=fallback.flags,
        advice=pack.routes[fallback.route].advice,
        reasons=(_fallback_reason(fallback, 0),),
    )


def floor_of(pack: Pack, rules: Iterable[str]) -> Floor:
    """The floor that these rules set together; a rule this pack does not have sets none."""
    named = set(rules)
    set_by = [rule for rule in pack.rules if rule.id in named]
    firm = [rule.route for rule in set_by if rule.route is not None and not pack.routes[rule.route].until_confirmed]
    firm += [each.route for each in (pack.fallbacks.unmatched, pack.fallbacks.unrecognised) if each.rule in named]
    rating = highest(pack, (pack.routes[route].rating for route in firm)) if firm else None
    return Floor(
        rating=rating,
        outcome=highest_outcome(pack, [rule.outcome for rule in set_by]),
        two_people=rating is not None and pack.ratings[rating].two_people_to_lower,
    )


def highest(pack: Pack, ratings: Iterable[str]) -> str:
    """The most urgent of these ratings: what a contact shows for its subjects. ValueError when there are none."""
    return max(ratings, key=lambda code: pack.ratings[code].rank)


def raise_only(pack: Pack, previous: SubjectRating, new: SubjectRating) -> SubjectRating:
    """What a re-rating leaves: never less than before. Reasons, flags and advice of both stay."""
    rating = highest(pack, (previous.rating, new.rating))
    routes = in_force(pack, [route for each in (new, previous) if each.rating == rating for route in each.routes])
    levels = [each.level for each in (previous, new) if each.level is not None]
    known = set(new.rules)
    return replace(
        new,
        rating=rating,
        routes=routes,
        proposed_route=new.proposed_route if new.proposed_route == previous.proposed_route else None,
        outcome=highest_outcome(pack, [previous.outcome, new.outcome]),
        outcome_floor=highest_outcome(pack, [previous.outcome_floor, new.outcome_floor]),
        level=max(levels, default=None),
        level_by_person=previous.level_by_person or new.level_by_person,
        flags=_once((*new.flags, *previous.flags)),
        advice=_once((*new.advice, *previous.advice)),
        reasons=(*new.reasons, *(reason for reason in previous.reasons if reason.rule not in known)),
    )


def _level(pack: Pack, reading: Reading, rules: Iterable[Rule]) -> int | None:
    ticked = [pack.indicators[code].level for code in reading.yes if code in pack.indicators]
    return max([*ticked, *(rule.level for rule in rules if rule.level is not None)], default=None)


def _reason(rule: Rule, reading: Reading) -> Reason:
    return Reason(
        rule=rule.id,
        route=rule.route,
        outcome=rule.outcome,
        facts=rule.when.fired(reading),
        place=rule.place,
        strength=rule.strength,
        text=rule.text,
        default=rule.default,
    )


def _fallback_reason(fallback: Fallback, strange: int) -> Reason:
    return Reason(
        rule=fallback.rule,
        route=fallback.route,
        outcome=None,
        facts=(("unrecognised", str(strange)),) if strange else (),
        place=fallback.place,
        strength=fallback.strength,
        text=fallback.text,
        default=True,
    )


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
