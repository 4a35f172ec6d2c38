"""Producers are unordered among each other, and everything may come twice: the end is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import Event
from tests.support.builders_deadlines import EVERYBODY, RATING_OF, Life
from tests.support.builders_front_half import WorkedLife
from tests.support.examples import examples
from tests.unit.deadlines.conftest import Desk

ROUTES = sorted(RATING_OF)
LONG_AFTER = timedelta(days=120)


@st.composite
def lives(draw: st.DrawFn) -> list[list[Event[Any]]]:
    """A contact's events, a list for each producer, each in its own order."""
    subjects = draw(st.integers(1, 3))
    life = WorkedLife("any order", subjects=subjects, late_minutes=draw(st.integers(0, 90)))
    minutes = iter(sorted(draw(st.lists(st.integers(1, 3000), min_size=28, max_size=28, unique=True))))
    intake: list[Event[Any]] = [life.received()]
    triage = [*draw(ratings(life, minutes))]
    if draw(st.booleans()):
        who = draw(st.sampled_from([EVERYBODY, "police health", "police"]))
        triage.append(life.discussed(draw(st.sampled_from(["priority", "strategy"])), next(minutes), who=who))
    if draw(st.booleans()):
        triage += draw(checks(life, minutes))
    triage += draw(decisions(life, minutes))
    if draw(st.booleans()):
        intake.append(life.challenged(next(minutes)))
        triage += [life.challenge_answered(next(minutes))] if draw(st.booleans()) else []
    if draw(st.booleans()):
        triage.append(life.reached(draw(st.sampled_from(["paediatric_assessment", "s47_started"])), next(minutes)))
    if draw(st.booleans()):
        triage += draw(endings(life, minutes))
    if draw(st.booleans()):
        intake += [life.history(next(minutes)), life.added(next(minutes), subjects=subjects + 1)]
    notify: list[Event[Any]] = [life.acknowledged(next(minutes))] if draw(st.booleans()) else []
    if draw(st.booleans()):
        notify.append(life.informed(next(minutes), complete=draw(st.booleans())))
    return [intake, triage, notify]


@st.composite
def ratings(draw: st.DrawFn, life: Life, minutes: Iterator[int]) -> list[Event[Any]]:
    """One to three versions, the contact perhaps opened after the first."""
    made: list[Event[Any]] = []
    for version in range(1, draw(st.integers(1, 3)) + 1):
        routes = draw(st.lists(st.sampled_from(ROUTES), min_size=life.subjects, max_size=life.subjects))
        made.append(life.rated(*routes, version=version, minutes=next(minutes)))
        if version == 1 and draw(st.booleans()):
            made.append(life.opened(next(minutes)))
    return made


@st.composite
def checks(draw: st.DrawFn, life: WorkedLife, minutes: Iterator[int]) -> list[Event[Any]]:
    """Two agencies asked, perhaps answering; the contact handed over between."""
    made: list[Event[Any]] = [
        life.checked(next(minutes), name="one", rating="red"),
        life.checked(next(minutes), name="two", agency="health"),
        life.assigned(next(minutes), draw(st.sampled_from(["mash", "edt"]))),
    ]
    for name in draw(st.sampled_from([(), ("one",), ("two",), ("one", "two")])):
        answer = draw(st.sampled_from(["information", "refused", "no_longer_needed"]))
        made.append(life.check_answered(next(minutes), answer=answer, name=name))
    return made


@st.composite
def endings(draw: st.DrawFn, life: WorkedLife, minutes: Iterator[int]) -> list[Event[Any]]:
    """Closed; perhaps reopened, rated higher, decided anew, closed again."""
    made: list[Event[Any]] = [life.closed(next(minutes))]
    if draw(st.booleans()):
        made.append(life.reopened(next(minutes)))
        more = [
            life.rated(*["red-abuse"] * life.subjects, version=9, minutes=next(minutes)),
            life.revised(outcome="early_help", minutes=next(minutes), version=9),
            life.closed(next(minutes)),
        ]
        made += more[: draw(st.integers(0, 3))]
    return made


@st.composite
def decisions(draw: st.DrawFn, life: Life, minutes: Iterator[int]) -> list[Event[Any]]:
    """None, some or all of the subjects decided, the first perhaps revised."""
    decided = draw(st.integers(0, life.subjects))
    made: list[Event[Any]] = []
    for number in range(1, decided + 1):
        outcome = draw(st.sampled_from(["s17_assessment", "early_help", "information_on_open_case"]))
        made.append(life.decided(number, outcome=outcome, minutes=next(minutes), left=life.subjects - number))
    if decided and draw(st.booleans()):
        left = life.subjects - decided
        made.append(life.decided(1, outcome="s17_assessment", minutes=next(minutes), version=2, left=left))
    return made


@st.composite
def interleavings(draw: st.DrawFn, producers: list[list[Event[Any]]]) -> list[Event[Any]]:
    """One order in which they may arrive, with some of them a second time, at once or later."""
    waiting = [list(events) for events in producers if events]
    order: list[Event[Any]] = []
    while waiting:
        events = draw(st.sampled_from(waiting))
        order.append(events.pop(0))
        if draw(st.integers(0, 4)) == 0:
            order.append(draw(st.sampled_from(order)))
        waiting = [events for events in waiting if events]
    return order


def outcome_of(order: list[Event[Any]]) -> dict[str, Any]:
    """What the contact and its clocks are in the end, after everything due has fired."""
    desk = Desk()
    asyncio.run(desk.hear(*order))
    [contact] = desk.contacts.known.values()
    contact.fire(max(event.time for event in order) + LONG_AFTER)
    clocks = {
        str(clock_id): (
            clock.terms.kind,
            clock.state,
            clock.epoch,
            clock.terms.starts_at,
            clock.terms.due_at,
            clock.terms.rating,
            clock.met_at,
            clock.breached_at,
            clock.cancelled_at,
        )
        for clock_id, clock in contact.deadlines.items()
    }
    return {
        "clocks": clocks,
        "occurrences": contact.occurrences,
        "receipt": contact.receipt,
        "subjects": set(contact.subject_ids),
        "stage": (contact.stage, contact.decided_at, contact.informed_at, contact.closed_at),
        "rating": (contact.rating, contact.rating_version, contact.policy),
        "next": (contact.next_due_at, contact.next_fire_at, contact.live_clocks, contact.urgency),
    }


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_any_order_and_any_duplication_end_in_the_same_state(data: st.DataObject) -> None:
    producers = data.draw(lives())
    told = outcome_of([event for events in producers for event in events])
    assert outcome_of(data.draw(interleavings(producers))) == told


@settings(max_examples=examples(100), deadline=None)
@given(st.data())
def test_what_is_said_of_a_clock_can_be_followed(data: st.DataObject) -> None:
    """A clock is set before anything else is said of it, never met twice in a row, and its epochs only grow."""
    order = data.draw(interleavings(data.draw(lives())))
    desk = Desk()
    asyncio.run(desk.hear(*order))
    by_clock: dict[Any, list[Any]] = {}
    for said in desk.said:
        by_clock.setdefault(said.clock.deadline_id, []).append(said)  # type: ignore[attr-defined]
    for history in by_clock.values():
        assert type(history[0]).__name__ == "DeadlineSet"
        assert all(one.clock.epoch <= other.clock.epoch for one, other in pairwise(history))
        breaches = [said for said in history if type(said).__name__ == "DeadlineBreached"]
        assert len(breaches) <= 1
    assert len(set(desk.ids)) == len(desk.ids)
