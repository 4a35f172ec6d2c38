"""Whatever the hub hears in whatever order, each month's measures are what a naive count over the events gives."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.envelope import Event
from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_measures import CountedLife, Named
from tests.support.recount import recount

AUTUMN = datetime(2026, 9, 28, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
CONTACTS = 80
KINDS = ["child", "child", "child", "unborn", "adult", "unknown"]
OUTCOMES = ["s17_assessment", "s17_assessment", "s47_strategy_discussion", "early_help", "signpost"]
MILESTONES = ["s47_started", "plan_opened", "stepped_up", "child_seen"]


def somebody(chance: random.Random) -> Named:
    return Named(
        kind=chance.choice(KINDS),
        years=chance.choice([None, 4, 12, 13, 16]),
        child_id=chance.choice([None, *(f"CHILD{number:015}" for number in range(12))]),
        facts=chance.choice([{}, {"exploitation_score": "high"}, {"exploitation_score": "low"}]),
    )


def life_of(number: int, chance: random.Random) -> list[list[Event[Any]]]:
    """A contact's events, a list for each producer, each in its own order."""
    named = [somebody(chance) for _ in range(chance.choice([1, 1, 2, 3]))]
    received_at = AUTUMN + timedelta(minutes=chance.randrange(64 * 24 * 60))
    life = CountedLife(f"life {number}", *named, received_at=received_at)
    minutes = iter(sorted(chance.sample(range(1, 6000), 30)))
    intake: list[Event[Any]] = [life.received()]
    triage: list[Event[Any]] = [life.rated(*["amber"] * life.subjects)]
    if chance.random() < 0.15:
        intake.append(life.linked(next(minutes), *["amber"] * life.subjects))
        intake += [life.unlinked(next(minutes))] if chance.random() < 0.4 else []
    for subject in range(1, life.subjects + 1):
        for version in range(1, chance.choice([0, 1, 1, 1, 2, 3]) + 1):
            elsewhere = life.item("primary") if chance.random() < 0.1 else None
            said: dict[str, Any] = {"outcome": chance.choice(OUTCOMES), "minutes": next(minutes), "made_on": elsewhere}
            make = life.decided if version == 1 else life.revised
            triage.append(make(subject, version=version, **said))
        triage += [
            life.reached(chance.choice(MILESTONES), next(minutes) + 20_000 * chance.randrange(2), subject)
            for _ in range(chance.randrange(3))
        ]
    if chance.random() < 0.3:
        triage.append(life.closed(next(minutes)))
        triage += [life.reopened(next(minutes))] if chance.random() < 0.3 else []
    return [intake, triage]


def mixed(streams: list[list[Event[Any]]], chance: random.Random) -> list[Event[Any]]:
    """All of it in some order that keeps each stream's own, some of it said twice."""
    waiting, order = [list(events) for events in streams if events], list[Event[Any]]()
    while waiting:
        events = chance.choice(waiting)
        order.append(events.pop(0))
        order += [order[-1]] if chance.random() < 0.1 else []
        waiting = [events for events in waiting if events]
    return order


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_months_measures_are_a_naive_count_over_the_events(staff: Staff, hub: Hub, seed: int) -> None:
    chance = random.Random(seed)
    streams = [events for number in range(CONTACTS) for events in life_of(number, chance)]
    await hub.it_is(NOW)
    order = mixed(streams, chance)
    for start in range(0, len(order), 100):
        await hub.hear(*order[start : start + 100])
    events = [event for events in streams for event in events]
    total = Counter[str]()
    for month in ("2026-09", "2026-10", "2026-11", "2026-12"):
        answer = (await staff.get(f"/v1/measures/{month}")).json()
        counted = {one["code"]: (one["numerator"], one["denominator"]) for one in answer["measures"]}
        assert counted == recount(events, month, NOW)
        total.update({code: numerator for code, (numerator, _) in counted.items()})
    assert min(total.values()) > 1, total  # none of them is equal because it is nothing
