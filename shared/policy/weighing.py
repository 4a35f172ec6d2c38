"""Which of a pack's rules decide about one subject, and what follows. Pure; standard library only.

DMN would call it COLLECT MAX: every rule is asked, the highest rank wins, and all that fired are the reasons. Nothing
here knows what a rating is called; ranks, routes and fallbacks are the pack's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from shared.policy.model import Fallback, Pack, Rule
from shared.policy.reading import Reading

SEVERAL: Final = 2


class Weighed(NamedTuple):
    """Which rules and fallbacks decide, and what follows from them, before it is put into words."""

    rules: tuple[Rule, ...]
    fallbacks: tuple[Fallback, ...]
    routes: tuple[str, ...]
    proposed: str | None
    floor: str | None
    outcome: str | None
    strange: int
    """How much was said that nobody recognises."""


def weigh(pack: Pack, reading: Reading) -> Weighed:
    """Weigh one subject's facts. Never raises on them: what cannot be matched or recognised falls back."""
    worth_asking = [pack.rules[number] for number in pack.asking.worth_asking(reading.said)]
    fired = [rule for rule in worth_asking if rule.when.holds(reading)]
    waiting = [rule for rule in fired if rule.route in pack.proposals]
    firm = [rule for rule in fired if rule.route not in pack.proposals] if waiting else fired
    strange = reading.facts.unrecognised + len(
        [code for code in reading.facts.indicators if code not in pack.indicators]
    )
    fallbacks = [pack.fallbacks.unrecognised] if strange else []
    floor = highest_outcome(pack, [rule.outcome for rule in firm])
    asked = [rule.route for rule in firm if rule.route is not None]
    proposed = _proposal(pack, waiting, floor) if waiting and not (fallbacks or asked) else None
    if proposed is not None:
        asked.append(pack.routes[proposed].until_confirmed or proposed)
    elif not asked:
        fallbacks.append(pack.fallbacks.unmatched)
    routes = in_force(pack, [*asked, *(fallback.route for fallback in fallbacks)])
    return Weighed(
        rules=(*firm, *(rule for rule in waiting if rule.route == proposed)),
        fallbacks=tuple(fallbacks),
        routes=routes,
        proposed=proposed,
        floor=floor,
        outcome=highest_outcome(pack, [floor, *(pack.routes[route].outcome for route in routes)]),
        strange=strange,
    )


def in_force(pack: Pack, asked: Sequence[str]) -> tuple[str, ...]:
    """Of the routes asked for, all that belong to the highest rating, most urgent first."""
    if len(asked) == 1:
        return (asked[0],)
    top = max(pack.rating_of(route).rank for route in asked)
    routes = {route for route in asked if pack.rating_of(route).rank == top}
    return tuple(sorted(routes, key=lambda route: -pack.routes[route].rank))


def _proposal(pack: Pack, waiting: Sequence[Rule], floor: str | None) -> str | None:
    """The route a person may confirm; none when an outcome floor lies above what that route ends in."""
    floor_rank = pack.outcomes[floor].rank if floor is not None else 0
    routes = {rule.route for rule in waiting if rule.route is not None}
    open_to = [route for route in routes if floor_rank <= _outcome_rank(pack, pack.routes[route].outcome)]
    return max(open_to, key=lambda route: pack.routes[route].rank, default=None)


def _outcome_rank(pack: Pack, outcome: str | None) -> int:
    return pack.outcomes[outcome].rank if outcome is not None else 0


def highest_outcome(pack: Pack, outcomes: Iterable[str | None]) -> str | None:
    """The outcome of highest rank; None where none is named."""
    named = [outcome for outcome in outcomes if outcome is not None]
    if len(named) < SEVERAL:
        return named[0] if named else None
    return max(named, key=lambda code: pack.outcomes[code].rank)
