"""What is known of a clock is corrected: by a link taken back, by an earlier or later stop, by another calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.deadlines.domain.model.deadline import Deadline, Ending, State, Terms
from tests.support.builders_deadlines import Life
from tests.unit.deadlines.conftest import Desk

HOUR = timedelta(hours=1)


async def a_clock(name: str) -> tuple[Life, Deadline]:
    desk, life = Desk(), Life(name)
    await desk.hear(life.received(), rated := life.rated("amber"))
    return life, desk.clock(rated, "amber_decision")


def ended(terms: Terms, ending: Ending | None) -> Terms:
    return replace(terms, ending=ending)


async def test_a_stop_that_turns_out_to_have_come_too_late_is_a_breach() -> None:
    _, clock = await a_clock("met elsewhere, then decided late")
    due = clock.terms.due_at
    list(clock.follow(ended(clock.terms, Ending(met=True, at=due - HOUR, reason="DecisionMade")), due))
    late = Ending(met=True, at=due + 6 * HOUR, reason="DecisionMade")
    said = [change.transition.value for change in clock.follow(ended(clock.terms, late), due + 7 * HOUR)]
    assert said == ["breach_found_after_downtime", "met_after_breach"]
    assert (clock.state, clock.breached_at, clock.met_at) == (State.MET, due, due + 6 * HOUR)


async def test_what_was_met_and_is_watched_again_takes_the_due_time_of_now() -> None:
    life, clock = await a_clock("met, then unlinked")
    due = clock.terms.due_at
    list(clock.follow(ended(clock.terms, Ending(met=True, at=life.at(30), reason="DecisionMade")), life.at(31)))
    moved = replace(clock.terms, ending=None, due_at=due + 24 * HOUR, calendar="england-and-wales@2")
    said = [change.transition.value for change in clock.follow(moved, life.at(40))]
    assert (said, clock.state, clock.terms.due_at) == (["resumed"], State.RUNNING, due + 24 * HOUR)


async def test_another_calendar_takes_a_due_time_away_only_before_it_came() -> None:
    for since, breached in ((-HOUR, False), (HOUR, True)):
        _, clock = await a_clock(f"calendar {since}")
        due = clock.terms.due_at
        moved = replace(clock.terms, ending=None, due_at=due + 24 * HOUR, calendar="england-and-wales@2")
        list(clock.follow(moved, due + 2 * HOUR, calendar_since=due + since))
        assert (clock.breached_at is not None) is breached
