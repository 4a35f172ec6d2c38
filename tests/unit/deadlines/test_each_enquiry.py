"""Each enquiry and each early help plan has a clock of its own, also the second one of the same subject."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations

import pytest

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.deadline import Deadline, State
from shared.policy.loader import load_pack
from tests.support.builders_deadlines import POLICIES, southampton
from tests.support.builders_front_half import WorkedLife
from tests.unit.deadlines.conftest import Desk

DAY = 24 * 60
WEEKS = 7 * DAY
FEEDS = frozenset({"case_system"})


def watched() -> Desk:
    return Desk(Rulebooks(southampton(), POLICIES, FEEDS))


def rounds(desk: Desk, life: WorkedLife, kind: str) -> list[Deadline]:
    found = [one for one in desk.contacts.get(life.id).deadlines.values() if one.terms.kind == kind]
    return sorted(found, key=lambda one: one.terms.starts_at)


async def test_a_second_enquiry_has_its_own_conference() -> None:
    desk, life = watched(), WorkedLife("second enquiry")
    await desk.hear(life.received(), life.rated("red-abuse"), life.discussed("strategy", 90), life.decided())
    await desk.hear(life.reached("s47_started", DAY), life.reached("s47_started", DAY + 5), life.closed(2 * DAY))
    await desk.hear(life.reached("s47_ended", 10 * DAY), life.reopened(60 * DAY))
    assert [one.state for one in rounds(desk, life, "s47_conference")] == [State.MET]
    await desk.hear(life.discussed("strategy", 61 * DAY), life.reached("s47_started", 62 * DAY))
    first, second = rounds(desk, life, "s47_conference")
    assert (first.state, first.in_time, first.terms.starts_at) == (State.MET, True, life.at(90))
    assert (second.state, second.terms.starts_at) == (State.RUNNING, life.at(61 * DAY))
    await desk.hear(life.reached("conference_held", 64 * DAY))
    assert (second.state, second.met_at) == (State.MET, life.at(64 * DAY))


async def test_the_discussion_of_the_enquiry_before_does_not_begin_the_next() -> None:
    desk, life = watched(), WorkedLife("no second discussion")
    await desk.hear(life.received(), life.rated("red-abuse"), life.discussed("strategy", 90), life.decided())
    await desk.hear(life.reached("s47_started", DAY), life.reached("s47_ended", 10 * DAY))
    await desk.hear(life.reached("s47_started", 62 * DAY))
    second = rounds(desk, life, "s47_conference")[1]
    assert (second.state, second.terms.starts_at) == (State.RUNNING, life.at(62 * DAY))


async def test_a_second_plan_is_reviewed_every_six_weeks_again() -> None:
    desk, life = watched(), WorkedLife("second plan")
    await desk.hear(life.received(), life.rated("amber"), life.decided(outcome="early_help"), life.closed(200))
    opened = 20 * WEEKS
    await desk.hear(life.reached("plan_opened", 1000), life.reached("review_held", 1000 + 5 * WEEKS))
    await desk.hear(life.reached("plan_closed", 1000 + 6 * WEEKS), life.reopened(opened - DAY))
    assert [one.state for one in rounds(desk, life, "early_help_review")] == [State.MET, State.CANCELLED]
    await desk.hear(life.reached("plan_opened", opened), life.reached("review_held", opened + 2 * WEEKS))
    found = rounds(desk, life, "early_help_review")
    assert [(one.state, one.terms.due_at) for one in found[2:]] == [
        (State.MET, life.at(opened + 6 * WEEKS)),
        (State.RUNNING, life.at(opened + 8 * WEEKS)),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_in_any_order_the_clocks_of_a_second_enquiry_are_the_same(order: tuple[int, ...]) -> None:
    desk, life = watched(), WorkedLife("any order")
    await desk.hear(life.received(), life.rated("red-abuse"), life.discussed("strategy", 90))
    said = [life.reached("s47_started", DAY), life.reached("s47_ended", DAY * 2), life.reached("s47_started", DAY * 3)]
    await desk.hear(*(said[place] for place in order))
    ends: list[tuple[State, datetime]] = [
        (one.state, one.terms.starts_at) for one in rounds(desk, life, "s47_conference")
    ]
    assert ends == [(State.MET, life.at(90)), (State.RUNNING, life.at(3 * DAY))]


@pytest.mark.parametrize("pack", ["merton", "oxfordshire", "southampton-pathways-2021"])
def test_every_pack_says_so(pack: str) -> None:
    clocks = load_pack(POLICIES, f"{pack}@1").clocks
    assert clocks["s47_conference"].each_start
    assert [trigger.event for trigger in clocks["early_help_review"].again_on] == ["MilestoneRecorded"]
