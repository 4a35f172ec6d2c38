"""Which clocks an event starts, stops or ends, by the pack's table. Pure; no dates here: deadlines computes those.

`event` is an event's short name; `attributes` what that event says of the contact or, for clocks per subject, of the
one subject. On a re-rating, ask again with the new attributes: clocks no longer in the answer have lost their reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from shared.policy.model import Pack
from shared.policy.timetable import ClockRule, Trigger

Attributes: TypeAlias = Mapping[str, str | bool | int | frozenset[str] | None]


def clocks_for(pack: Pack, event: str, attributes: Attributes) -> tuple[ClockRule, ...]:
    """Clocks that this event starts, in the order of the pack's table."""
    return tuple(rule for rule in pack.clocks.values() if _any_met(rule.starts_on, event, attributes))


def stops(pack: Pack, event: str, attributes: Attributes) -> frozenset[str]:
    """Kinds of clock that this event meets."""
    return frozenset(rule.kind for rule in pack.clocks.values() if _any_met(rule.stops_on, event, attributes))


def cancels(pack: Pack, event: str, attributes: Attributes) -> frozenset[str]:
    """Kinds of clock that this event ends without their being met; clocks after hand-over outlive a closure."""
    return frozenset(rule.kind for rule in pack.clocks.values() if _any_met(rule.cancels_on, event, attributes))


def again(pack: Pack, event: str, attributes: Attributes) -> frozenset[str]:
    """Kinds of clock that this event begins anew where they had been cancelled."""
    return frozenset(rule.kind for rule in pack.clocks.values() if _any_met(rule.again_on, event, attributes))


def rated_attributes(pack: Pack, routes: Collection[str]) -> Attributes:
    """What ContactRated says of one subject whose routes in force are these; ValueError when there are none."""
    rating = max((pack.rating_of(route) for route in routes), key=lambda rating: rating.rank)
    return {"rating": rating.code, "route": frozenset(routes), "pages": rating.pages}


def strictest(pack: Pack) -> tuple[ClockRule, ...]:
    """The clocks to set when nobody could rate: those of the route the pack names for it."""
    route = pack.fallbacks.unrated.route
    return clocks_for(pack, "ContactRated", rated_attributes(pack, [route]))


def started_by(pack: Pack, event: str) -> frozenset[str]:
    """Kinds that this event can start at all: on a re-rating, the ones to compare with the new answer."""
    return frozenset(
        kind for kind, rule in pack.clocks.items() if any(start.event == event for start in rule.starts_on)
    )


def _any_met(triggers: tuple[Trigger, ...], event: str, attributes: Attributes) -> bool:
    return any(trigger.met_by(event, attributes) for trigger in triggers)
