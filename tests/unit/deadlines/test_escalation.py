"""After a breach: each rung of the ladder once, in its own time, and nobody any more once it is met or cancelled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.deadlines.application.commands import fire_due_clocks
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.deadline import PAST, Change, State, Transition
from shared.contracts.deadlines import DeadlineBreached, DeadlineEscalated
from shared.policy.loader import load_pack
from shared.policy.timetable import Basis
from tests.support.builders_deadlines import POLICIES, Life, southampton
from tests.support.builders_front_half import WorkedLife
from tests.unit.deadlines.conftest import RULEBOOKS, Desk

PACKS = sorted(f"{path.parent.parent.name}@{path.parent.name}" for path in POLICIES.glob("*/*/pack.yaml"))


class Firing(Desk):
    """A desk whose contact is claimed by the firing loop."""

    async def claim_due(self, most: int) -> list[Contact]:
        del most
        return list(self.contacts.known.values())

    def fires(self, life: Life, minutes: float) -> list[DeadlineEscalated | DeadlineBreached]:
        self.now = life.at(minutes)
        before = len(self.said)
        asyncio.run(fire_due_clocks(self, most=1))
        return [said for said in self.said[before:] if isinstance(said, DeadlineEscalated | DeadlineBreached)]


def red(name: str) -> tuple[Firing, Life]:
    """A red contact that was opened and acknowledged: what is left are its discussion and decision."""
    desk, life = Firing(), WorkedLife(name)
    asyncio.run(desk.hear(life.received(), life.rated("red-immediate"), life.opened(), life.acknowledged()))
    return desk, life


def test_what_pages_is_escalated_rung_by_rung_day_and_night() -> None:
    desk, life = red("rungs")
    assert [type(said).__name__ for said in desk.fires(life, 121)] == ["DeadlineBreached"]
    clock = next(one for one in desk.contacts.get(life.id).deadlines.values() if one.breached_at)
    assert clock.next_fire_at == life.at(180) + PAST
    assert desk.fires(life, 180) == []
    [first] = desk.fires(life, 180.5)
    assert isinstance(first, DeadlineEscalated)
    assert (first.rung, first.step, first.breached_at, first.late_seconds) == (
        1,
        "escalated-1",
        life.at(120),
        29.999999,
    )
    assert desk.fires(life, 200) == []
    [second] = desk.fires(life, 361)
    assert isinstance(second, DeadlineEscalated)
    assert (second.rung, second.step) == (2, "escalated-2")
    assert clock.next_fire_at is None


def test_the_discussion_ends_it() -> None:
    desk, life = red("ended")
    desk.fires(life, 121)
    asyncio.run(desk.hear(life.discussed("priority", 150)))
    assert desk.fires(life, 400) == []


def test_what_is_cancelled_is_not_escalated_and_resumed_it_is() -> None:
    desk, life = Firing(), Life("resumed")
    asyncio.run(desk.hear(life.received(), life.rated("red-immediate"), life.opened(), life.acknowledged()))
    desk.fires(life, 185)
    asyncio.run(desk.hear(life.rated("amber", version=2, minutes=190)))
    assert [said.clock.kind for said in desk.fires(life, 400)] == []
    asyncio.run(desk.hear(life.rated("red-immediate", version=3, minutes=420)))
    [said] = desk.fires(life, 421)
    assert isinstance(said, DeadlineEscalated)
    assert (said.rung, said.clock.epoch, said.late_seconds) == (2, 2, 61 * 60 - 0.000001)


def test_after_downtime_each_step_once_breaches_first_then_the_highest_rung() -> None:
    desk, life = red("downtime")
    fired = desk.fires(life, 24 * 60 + 241)
    of_the_discussion = [said for said in fired if said.clock.kind == "priority_discussion"]
    assert [getattr(said, "rung", None) for said in of_the_discussion] == [None, 2, 1]
    assert [type(said).__name__ for said in fired] == sorted(type(said).__name__ for said in fired)
    assert desk.fires(life, 24 * 60 + 241) == []
    assert len(set(desk.ids)) == len(desk.ids)


def test_nobody_is_woken_by_what_does_not_page() -> None:
    desk, life = Firing(), Life("calm", received_at=datetime(2026, 11, 20, 9, tzinfo=UTC))  # a Friday
    asyncio.run(desk.hear(life.received(), life.rated("amber"), life.acknowledged()))
    desk.fires(life, 24 * 60 + 1)
    clock = next(one for one in desk.contacts.get(life.id).deadlines.values() if one.breached_at)
    assert [one.rung for one in clock.terms.escalations] == [1, 2]
    # Missed on Saturday morning: half a working day later is Monday noon, a day and a half is Tuesday morning.
    assert clock.terms.escalations[0].at == datetime(2026, 11, 23, 12, 30, tzinfo=UTC) + PAST
    assert clock.terms.escalations[1].at == datetime(2026, 11, 24, 12, 0, tzinfo=UTC) + PAST


def test_past_the_calendars_end_it_is_too_early_rather_than_never() -> None:
    computed = RULEBOOKS.active.computed("check_answer_amber", datetime(2028, 12, 30, 12, tzinfo=UTC))
    assert [one.at for one in computed.escalations] == [
        datetime(2028, 12, 30, 22, tzinfo=UTC) + PAST,
        datetime(2028, 12, 31, 6, tzinfo=UTC) + PAST,
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 6000), min_size=1, max_size=12), st.none() | st.integers(1, 6000))
def test_whenever_the_loop_looks_each_step_fires_once_and_in_order(looks: list[int], held: int | None) -> None:
    desk, life = red("whenever")
    changes: list[Change] = []
    for minute in sorted(looks):
        if held is not None and minute > held:
            asyncio.run(desk.hear(life.discussed("priority", held)))
            held = None
        changes += desk.contacts.get(life.id).fire(life.at(minute))
    [clock] = [one for one in desk.contacts.get(life.id).deadlines.values() if one.terms.kind == "priority_discussion"]
    said = [one.place for one in changes if one.transition is Transition.ESCALATED and one.deadline is clock]
    assert sorted(said) == list(range(1, len(said) + 1))
    if clock.state is State.BREACHED:
        assert len(said) == sum(one.at <= life.at(max(looks)) for one in clock.terms.escalations)
    if clock.in_time:
        assert said == []


@pytest.mark.parametrize("pack", PACKS)
def test_every_clock_warns_at_half_four_fifths_and_the_end_or_its_pack_says_otherwise(pack: str) -> None:
    for rule in load_pack(POLICIES, pack).clocks.values():
        usual = (0.5, 0.8, 1.0)
        assert rule.warnings == usual or rule.kind in {"opened_by_duty", "opened_by_manager"}
        assert rule.escalation or rule.kind == "opened_by_duty"


@pytest.mark.parametrize("pack", PACKS)
def test_only_what_pages_is_escalated_outside_working_time(pack: str) -> None:
    for rule in load_pack(POLICIES, pack).clocks.values():
        assert rule.pages or all(one.after.basis is not Basis.ELAPSED for one in rule.escalation)


def test_after_hand_over_clocks_are_escalated_too() -> None:
    assert [one.rung for one in southampton().clocks["s17_assessment"].escalation] == [1, 2]
