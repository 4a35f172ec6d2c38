"""How triage asks the policy pack: ratings again, floors, a person's route, the clocks and messages to expect. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from shared.policy.clocks import clocks_for
from shared.policy.evaluate import Floor, SubjectRating, floor_of, highest, raise_only
from shared.policy.guards import consent_before_sharing, lowering
from shared.policy.model import Pack
from shared.policy.telling import messages_for
from shared.policy.timetable import Start


def risen(pack: Pack, previous: SubjectRating, new: SubjectRating) -> SubjectRating | None:
    """What a further rating leaves, never less than before; None where it says nothing new."""
    together = raise_only(pack, previous, new)
    return together if _essence(together) != _essence(previous) else None


def _essence(rating: SubjectRating) -> tuple[object, ...]:
    return (
        rating.rating,
        frozenset(rating.routes),
        rating.proposed_route,
        rating.outcome,
        rating.outcome_floor,
        rating.level,
        rating.level_by_person,
        frozenset(rating.flags),
        frozenset(rating.rules),
    )


def at_least(pack: Pack, rated: SubjectRating, routes: Iterable[str]) -> SubjectRating:
    """The rating, or what these routes ask for where that is more. Routes that the pack has not say nothing, nor does
    the one of what could not be rated: the facts are rated here.
    """
    known = [code for code in routes if code in pack.routes and code != pack.fallbacks.unrated.route]
    if not known:
        return rated
    top = max(pack.rating_of(code).rank for code in known)
    asked = tuple(code for code in known if pack.rating_of(code).rank == top)
    outcomes = [pack.routes[code].outcome for code in asked]
    outcome = max((code for code in outcomes if code), key=lambda code: pack.outcomes[code].rank, default=None)
    heard = replace(rated, rating=pack.rating_of(asked[0]).code, routes=asked, outcome=outcome)
    return raise_only(pack, heard, rated)


def more_urgent(pack: Pack, before: SubjectRating, now: SubjectRating) -> bool:
    """Does it ask for more than before: a higher rating, or an outcome above the one it asked for?"""
    if pack.ratings[now.rating].rank > pack.ratings[before.rating].rank:
        return True
    return _outcome_rank(pack, now) > _outcome_rank(pack, before)


def _outcome_rank(pack: Pack, rating: SubjectRating) -> int:
    return max((pack.outcomes[code].rank for code in (rating.outcome, rating.outcome_floor) if code), default=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What it takes for a person to set a route: a role (None: any who may rate) and how many people."""

    lowers: bool
    role: str | None
    people: int


def change_to(pack: Pack, standing: SubjectRating, route: str, *, unrated: bool) -> Change | None:
    """What setting ``route`` would be; None where it is in force already. KeyError for a route the pack has not.

    A route of the same rating is added, never exchanged. Rating what is unrated is nobody's lowering.
    """
    wanted, now = pack.rating_of(route), pack.ratings[standing.rating]
    if route in standing.routes and not unrated:
        return None
    confirmed_by = pack.routes[route].confirmed_by
    if unrated or wanted.rank >= now.rank:
        return Change(lowers=False, role=confirmed_by, people=1)
    below = lowering(pack, floor_of(pack, standing.rules), rating=wanted.code)
    return Change(lowers=True, role=confirmed_by or pack.lowered_by, people=below.people if below else 1)


def with_route(pack: Pack, standing: SubjectRating, route: str) -> SubjectRating:
    """The rating after a person has set ``route``: the reasons of the machine stay beside it."""
    rating = pack.routes[route].rating
    kept = standing.routes if rating == standing.rating else ()
    routes = tuple(sorted({*kept, route}, key=lambda code: -pack.routes[code].rank))
    outcomes = [standing.outcome_floor, *(pack.routes[code].outcome for code in routes)]
    return replace(
        standing,
        rating=rating,
        routes=routes,
        proposed_route=None,
        outcome=max((code for code in outcomes if code), key=lambda code: pack.outcomes[code].rank, default=None),
        needs_person=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who must agree to a decision: a role (None: nobody), and how many people must be named in a lowering."""

    role: str | None
    people: int
    lowers: bool


def authority_for(pack: Pack, standing: SubjectRating, outcome: str, *, in_force: str | None = None) -> Authority:
    """Who must agree that a subject ends with ``outcome``, perhaps in the place of the one ``in_force``.

    Below a rule's floor the pack says how many people; below what the route proposes, or what has been decided, one who
    did not decide.
    """
    below = lowering(pack, _floor(pack, standing), outcome=outcome)
    if below is not None:
        return Authority(role=below.authorised_by, people=below.people, lowers=True)
    asked = [code for code in (standing.outcome, in_force) if code is not None]
    if any(pack.outcomes[outcome].rank < pack.outcomes[code].rank for code in asked):
        return Authority(role=pack.lowered_by, people=1, lowers=True)
    return Authority(role=pack.outcomes[outcome].authorised_by, people=1, lowers=False)


def _floor(pack: Pack, standing: SubjectRating) -> Floor:
    floor = floor_of(pack, standing.rules)
    ranked = [code for code in (floor.outcome, standing.outcome_floor) if code is not None]
    return replace(floor, outcome=max(ranked, key=lambda code: pack.outcomes[code].rank, default=None))


def rating_of_all(pack: Pack, standings: Iterable[SubjectRating]) -> str:
    """A contact's rating: the highest of its subjects'."""
    return highest(pack, (standing.rating for standing in standings))


def clocks_expected(pack: Pack, standings: Iterable[SubjectRating], *, referrer_kind: str) -> frozenset[str]:
    """The kinds of clock that this rating starts, which deadlines must be heard to have set."""
    each = list(standings)
    pages = pack.ratings[rating_of_all(pack, each)].pages
    return frozenset(
        rule.kind
        for standing in each
        for rule in clocks_for(
            pack,
            "ContactRated",
            {
                "rating": standing.rating,
                "route": frozenset(standing.routes),
                "pages": pages,
                "referrer_kind": referrer_kind,
            },
        )
    )


def informing_due(pack: Pack, *, referrer_kind: str, has_address: bool) -> bool:
    """Will the referrer be sent the outcome once everything is decided?"""
    attributes = {"all_decided": True, "has_address": has_address}
    messages = messages_for(pack, "DecisionMade", referrer_kind=referrer_kind, attributes=attributes)
    return has_address and any(message.tells_outcome for message in messages)


def route_gated(pack: Pack, standing: SubjectRating, consent: str) -> str | None:
    """The route in force on which agencies share only with consent, where that is in doubt; else None."""
    return next((route for route in standing.routes if consent_before_sharing(pack, route, consent)), None)


def quorum_missing(pack: Pack, kind: str, attended: Collection[str]) -> tuple[str, ...]:
    """Who the pack wants in a discussion of this kind, and was not there."""
    return tuple(party for party in pack.quorums.get(kind, ()) if party not in attended)


def follows_strategy_discussion(pack: Pack, milestone: str) -> bool:
    """Does this milestone start a clock that counts from the strategy discussion that led to it?"""
    return any(
        milestone in values
        for rule in pack.clocks.values()
        if rule.counts_from is Start.DISCUSSION
        for trigger in rule.starts_on
        for name, values in trigger.where
        if name == "milestone"
    )
