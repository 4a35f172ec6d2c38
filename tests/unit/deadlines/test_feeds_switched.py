"""A milestone feed is switched on or off: what waits for it is watched from then on, or no longer; breaches stay."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.deadline import Change, Deadline, State
from tests.support.builders_deadlines import POLICIES, southampton
from tests.support.builders_front_half import WorkedLife
from tests.unit.deadlines.conftest import RULEBOOKS as WITHOUT
from tests.unit.deadlines.conftest import Desk

WITH = Rulebooks(southampton(), POLICIES, frozenset({"case_system"}))
DAY = 24 * 60
LATE = 80 * DAY
"""In minutes: an assessment of 45 working days is missed by then."""


async def assessed(rulebooks: Rulebooks, name: str) -> tuple[Desk, WorkedLife, Deadline]:
    desk, life = Desk(rulebooks), WorkedLife(name)
    await desk.hear(life.received(), life.rated("amber"), life.acknowledged(), decided := life.decided())
    await desk.hear(life.informed(), life.closed())
    return desk, life, desk.clock(decided, "s17_assessment")


def switch(desk: Desk, life: WorkedLife, rulebooks: Rulebooks, now: datetime) -> list[Change]:
    desk.rulebooks, desk.now = rulebooks, now
    return desk.contacts.get(life.id).settle(rulebooks.active, now, life.id)


def said(changes: list[Change], clock: Deadline) -> list[str]:
    return [change.transition.value for change in changes if change.deadline is clock]


async def test_switched_on_it_is_watched_from_then_on() -> None:
    desk, life, clock = await assessed(WITHOUT, "on")
    due = clock.terms.due_at
    assert clock.state is State.NOT_WATCHED
    assert said(switch(desk, life, WITH, life.at(DAY)), clock) == ["recomputed"]
    assert (clock.state, clock.epoch, clock.terms.watched, clock.terms.due_at) == (State.RUNNING, 2, True, due)
    assert switch(desk, life, WITH, life.at(DAY + 1)) == []
    assert ("breach_found_after_downtime", "s17_assessment") in desk.fire(life.at(LATE))


async def test_switched_on_after_it_was_due_nobody_could_have_seen_it_met() -> None:
    desk, life, clock = await assessed(WITHOUT, "on too late")
    assert switch(desk, life, WITH, life.at(LATE)) == []
    assert (clock.state, clock.terms.watched, desk.fire(life.at(LATE))) == (State.NOT_WATCHED, False, [])
    await desk.hear(life.reached("assessment_completed", LATE + DAY))
    assert (clock.state, clock.breached_at) == (State.MET, None)


async def test_switched_off_it_is_shown_and_never_missed() -> None:
    desk, life, clock = await assessed(WITH, "off")
    assert said(switch(desk, life, WITHOUT, life.at(DAY)), clock) == ["recomputed"]
    assert (clock.state, clock.epoch, clock.terms.watched) == (State.NOT_WATCHED, 2, False)
    assert desk.fire(life.at(LATE)) == []
    assert said(switch(desk, life, WITH, life.at(LATE)), clock) == []


@pytest.mark.parametrize("first", ["the firing loop", "the loop of the feeds"])
async def test_found_switched_off_after_it_was_due_it_is_not_called_missed(first: str) -> None:
    desk, life, clock = await assessed(WITH, "off and due")
    if first == "the firing loop":
        contact = desk.contacts.get(life.id)
        changes = contact.fire(life.at(LATE), WITHOUT.unwatched(contact.policy))
    else:
        changes = switch(desk, life, WITHOUT, life.at(LATE))
    assert said(changes, clock) == ["recomputed"]
    assert (clock.state, clock.breached_at, clock.next_fire_at) == (State.NOT_WATCHED, None, None)


async def test_a_breach_stays_a_breach() -> None:
    desk, life, clock = await assessed(WITH, "breached")
    desk.fire(life.at(LATE))
    assert said(switch(desk, life, WITHOUT, life.at(LATE + 1)), clock) == []
    assert clock.state is State.BREACHED
    await desk.hear(life.reached("assessment_completed", LATE + DAY))
    assert (clock.state, clock.reason) == (State.MET, "met_after_breach")


async def test_a_stop_that_is_known_to_be_late_is_a_breach_also_where_the_feed_has_gone() -> None:
    desk, life, clock = await assessed(WITH, "late stop")
    desk.rulebooks = WITHOUT
    await desk.hear(life.reached("assessment_completed", LATE))
    assert (clock.state, clock.reason) == (State.MET, "met_after_breach")


async def test_what_is_resumed_is_watched_as_it_is_then() -> None:
    desk, life = Desk(WITHOUT), WorkedLife("resumed")
    await desk.hear(life.received(), life.rated("amber"), decided := life.decided())
    await desk.hear(life.revised(outcome="early_help", minutes=180))
    clock = desk.clock(decided, "s17_assessment")
    assert clock.state is State.CANCELLED
    desk.rulebooks = WITH
    await desk.hear(life.revised(outcome="s17_assessment", minutes=240, version=3))
    assert (clock.state, clock.terms.watched) == (State.RUNNING, True)
