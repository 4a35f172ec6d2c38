"""What is said of each transition: every one has its word, and none is taken for a clock that was met."""

from __future__ import annotations

import pytest

from services.deadlines.application.handlers.announcing import announce_change
from services.deadlines.domain.model.deadline import Change, Escalation, Step, Transition
from shared.contracts.envelope import Cause
from tests.support.builders_deadlines import NOON, Life
from tests.support.builders_front_half import WorkedLife
from tests.unit.deadlines.conftest import Desk

SAID = {
    Transition.SET: "DeadlineSet",
    Transition.RECOMPUTED: "DeadlineSet",
    Transition.RESUMED: "DeadlineSet",
    Transition.APPROACHING: "DeadlineApproaching",
    Transition.ESCALATED: "DeadlineEscalated",
    Transition.MET: "DeadlineMet",
    Transition.STOP_BEFORE_START: "DeadlineMet",
    Transition.MET_AFTER_BREACH: "DeadlineMet",
    Transition.MET_BEFORE_CANCELLED: "DeadlineMet",
    Transition.BREACHED: "DeadlineBreached",
    Transition.BREACH_FOUND_AFTER_DOWNTIME: "DeadlineBreached",
    Transition.CANCELLED: "DeadlineCancelled",
    Transition.CANCELLED_AGAIN: "DeadlineCancelled",
    Transition.CANCELLED_BEFORE_MET: "DeadlineCancelled",
}


@pytest.mark.parametrize("transition", list(Transition))
async def test_every_transition_is_said_as_what_it_is(transition: Transition) -> None:
    desk, life = Desk(), Life("words")
    await desk.hear(rated := life.rated("amber"))
    change = Change(
        transition=transition,
        deadline=desk.clock(rated, "amber_decision"),
        at=NOON,
        step=Step(share=0.5, at=NOON) if transition is Transition.APPROACHING else None,
        escalation=Escalation(rung=1, at=NOON) if transition is Transition.ESCALATED else None,
    )
    announce_change(desk, desk.contacts.get(life.id), change, Cause.of(rated), discriminator="")
    assert desk.names()[-1] == SAID[transition]


async def test_a_clock_that_had_run_between_two_cancellations_is_said_to_be_cancelled() -> None:
    desk, life = Desk(), WorkedLife("cancelled again")
    await desk.hear(life.received(), life.rated("amber"), life.linked(10, "amber"), life.closed(15))
    before = len(desk.said)
    await desk.hear(life.unlinked(60))
    assert desk.names()[before:] == ["DeadlineCancelled"] * 2
    assert {said.reason_code for said in desk.said[before:]} == {"ContactClosed"}  # type: ignore[attr-defined]
