"""How far a contact is, from what was heard of it: by the times of the facts, whatever the order they came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.deadlines.domain.model.occurrence import (
    ASSIGNED,
    CLOSED,
    DECIDED,
    OPENED,
    RATED,
    REOPENED,
    Occurrence,
)
from shared.policy.model import Pack

from .links import Links
from .raised import raised
from .rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Where a contact stands (see Contact for what each says)."""

    stage: str
    decided_at: datetime | None
    informed_at: datetime | None
    closed_at: datetime | None
    linked_at: datetime | None
    team: str | None


def take_stock(rulebook: Rulebook, happened: Sequence[Occurrence]) -> Stock:
    """What was settled before it was reopened, or before a rating rose above it, is settled no more."""
    reopened = max(_times(happened, REOPENED), default=None)
    risen = raised(rulebook, happened)
    unsettled = [one.occurred_at for one in happened if one.id in risen] + ([reopened] if reopened else [])
    since = max(unsettled, default=None)
    decided = _first(happened, DECIDED, "all_decided", after=since)
    informed = _first(happened, "ReferrerInformed", "complete")
    if since is not None:
        told = _times(happened, "ReferrerInformed", "complete")
        informed = min((at for at in told if decided is not None and at >= decided), default=None)
    closed = _first(happened, CLOSED, after=reopened)
    heard = {one.event for one in happened}
    reached = (
        ("closed", closed is not None),
        ("informed", informed is not None),
        ("decided", decided is not None),
        ("opened", reopened is not None or OPENED in heard),
        ("rated", RATED in heard),
    )
    return Stock(
        stage=next((stage for stage, here in reached if here), "received"),
        decided_at=decided,
        informed_at=informed,
        closed_at=closed,
        linked_at=Links(rulebook, happened).linked_at,
        team=_team(happened),
    )


def stopped_by_opening(pack: Pack) -> frozenset[str]:
    """The kinds of clock that run until somebody opens the contact, by the pack's table."""
    return frozenset(kind for kind, rule in pack.clocks.items() if any(one.event == OPENED for one in rule.stops_on))


def _team(happened: Sequence[Occurrence]) -> str | None:
    assigned = [one for one in happened if one.event == ASSIGNED]
    latest = max(assigned, key=lambda one: (one.occurred_at, str(one.id)), default=None)
    return str(latest.attributes["team"]) if latest else None


def _times(happened: Sequence[Occurrence], event: str, attribute: str | None = None) -> Iterator[datetime]:
    return (
        one.occurred_at
        for one in happened
        if one.event == event and (attribute is None or one.attributes.get(attribute) is True)
    )


def _first(
    happened: Sequence[Occurrence], event: str, attribute: str | None = None, *, after: datetime | None = None
) -> datetime | None:
    return min((at for at in _times(happened, event, attribute) if after is None or at > after), default=None)
