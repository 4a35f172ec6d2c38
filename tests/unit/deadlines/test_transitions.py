"""Every transition of the diagram in the service's README, each reached once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.deadline import Deadline, Ending, State, Transition
from services.deadlines.domain.model.working_time import CalendarEnds
from shared.contracts.parts import ReferrerKind
from tests.support.builders_deadlines import NOON, POLICIES, Life, southampton
from tests.unit.deadlines.conftest import Desk


async def test_set_approaching_breached_and_met_after_breach() -> None:
    desk, life = Desk(), Life("one")
    await desk.hear(life.received(), rated := life.rated("red-immediate"))
    clock = desk.clock(rated, "priority_discussion")
    assert (clock.state, clock.reason, clock.terms.due_at) == (State.RUNNING, "set", life.at(120))
    assert ("approaching", "priority_discussion") in desk.fire(life.at(60))
    desk.fire(life.at(120))
    assert clock.state is State.RUNNING  # done at the due instant is in time
    fired = desk.fire(life.at(120) + timedelta(microseconds=1))
    assert fired == [("breached", "priority_discussion")]
    await desk.hear(life.discussed("priority", 130))
    assert (clock.state, clock.reason, clock.breached_at) == (State.MET, "met_after_breach", life.at(120))


async def test_met_at_the_due_instant_is_in_time() -> None:
    desk, life = Desk(), Life("instant")
    await desk.hear(life.received(), life.rated("red-immediate"), held := life.discussed("priority", 120))
    clock = desk.clock(held, "priority_discussion")
    assert (clock.reason, clock.in_time) == ("met", True)


async def test_a_stop_heard_before_its_start_is_born_met() -> None:
    desk, life = Desk(), Life("born met")
    rated, held, told = life.rated("red-immediate"), life.discussed("priority", 30), life.acknowledged()
    await desk.hear(told)
    assert desk.said == []
    await desk.hear(rated, held)
    assert desk.clock(rated, "acknowledgement").reason == "stop_before_start"
    assert desk.names()[:2] == ["DeadlineSet", "DeadlineMet"]


async def test_a_stop_after_the_due_time_records_the_breach_first() -> None:
    desk, life = Desk(), Life("late stop")
    await desk.hear(life.received(), life.rated("red-immediate"), held := life.discussed("priority", 200))
    clock = desk.clock(held, "priority_discussion")
    assert (clock.state, clock.breached_at) == (State.MET, life.at(120))
    [entry] = [one for one in desk.contacts.get(life.id).breaches if one.deadline is clock]
    assert entry.late_seconds == 80 * 60
    assert desk.names()[-2:] == ["DeadlineBreached", "DeadlineMet"]


async def test_found_after_downtime_each_step_once_breaches_first() -> None:
    desk, life = Desk(), Life("downtime")
    await desk.hear(life.received(), life.rated("red-immediate"), life.opened())
    fired = desk.fire(life.at(180))
    assert fired == [
        ("breach_found_after_downtime", "priority_discussion"),
        ("approaching", "priority_discussion"),
        ("approaching", "priority_discussion"),
        ("approaching", "priority_discussion"),
    ]
    assert desk.fire(life.at(180)) == []


async def test_a_discussion_without_everybody_who_must_be_there_stops_nothing() -> None:
    desk, life = Desk(), Life("alone")
    await desk.hear(life.received(), rated := life.rated("red-immediate"), life.discussed("strategy", 20, who="police"))
    clock = desk.clock(rated, "priority_discussion")
    assert clock.state is State.RUNNING
    await desk.hear(life.discussed("strategy", 30, who="health"))
    assert clock.state is State.RUNNING
    await desk.hear(life.discussed("strategy", 40, who="police health education"))
    assert (clock.state, clock.met_at) == (State.MET, life.at(40))


async def test_six_hours_take_childrens_services_too() -> None:
    desk, life = Desk(), Life("two of three")
    await desk.hear(life.received(), rated := life.rated("red-abuse"), life.discussed(who="police health"))
    assert desk.clock(rated, "strategy_discussion").state is State.RUNNING
    await desk.hear(life.discussed("priority", 80), life.discussed("strategy", 90))
    clock = desk.clock(rated, "strategy_discussion")
    assert (clock.state, clock.met_at) == (State.MET, life.at(90))


async def test_rated_again_cancels_and_a_second_time_resumes() -> None:
    desk, life = Desk(), Life("again")
    await desk.hear(life.received(), first := life.rated("amber"), life.rated("red-abuse", version=2, minutes=10))
    clock = desk.clock(first, "amber_decision")
    assert (clock.state, clock.reason) == (State.CANCELLED, "rerated")
    await desk.hear(life.rated("amber", version=3, minutes=20))
    assert (clock.state, clock.reason, clock.epoch, clock.terms.due_at) == (State.RUNNING, "resumed", 2, life.at(1440))


async def test_a_breach_survives_cancelling_and_resuming() -> None:
    desk, life = Desk(), Life("survives")
    await desk.hear(life.received(), first := life.rated("red-immediate"))
    desk.fire(life.at(121))
    await desk.hear(life.rated("amber", version=2, minutes=130), life.rated("red-immediate", version=3, minutes=140))
    clock = desk.clock(first, "priority_discussion")
    assert (clock.state, clock.epoch, clock.breached_at) == (State.BREACHED, 2, life.at(120))


async def test_an_earlier_receipt_computes_again_and_says_only_what_is_new() -> None:
    desk, life = Desk(), Life("earlier")
    await desk.hear(rated := life.rated("red-abuse"))
    clock = desk.clock(rated, "strategy_discussion")
    desk.fire(life.at(185))
    warned = clock.warned
    life.received_at -= timedelta(minutes=30)
    await desk.hear(life.received())
    assert (clock.reason, clock.epoch, clock.terms.due_at) == ("recomputed", 2, life.at(360))
    assert clock.warned == warned == 1
    assert desk.said[-1].clock.epoch == 2  # type: ignore[attr-defined]


async def test_computed_again_too_late_keeps_the_breach_that_was_made() -> None:
    desk, life = Desk(), Life("too late")
    await desk.hear(rated := life.rated("red-immediate"))
    clock = desk.clock(rated, "priority_discussion")
    due = clock.terms.due_at
    life.received_at += timedelta(hours=3)
    desk.now = due + timedelta(minutes=5)
    await desk.hear(life.received())
    assert (clock.state, clock.terms.due_at, clock.epoch) == (State.BREACHED, due, 1)


async def test_after_a_revision_the_clock_of_the_first_outcome_is_cancelled() -> None:
    desk, life = Desk(), Life("revised")
    await desk.hear(life.received(), life.rated("amber"), decided := life.decided(outcome="s17_assessment"))
    clock = desk.clock(decided, "s17_assessment")
    assert clock.state is State.NOT_WATCHED
    assert clock.next_fire_at is None
    await desk.hear(life.decided(outcome="early_help", minutes=180, version=2))
    assert (clock.state, clock.reason) == (State.CANCELLED, "revised")
    assert desk.clock(decided, "mash_decision").met_at == life.at(120)


async def test_closing_cancels_what_the_pack_says_and_leaves_what_is_owed_to_the_referrer() -> None:
    desk, life = Desk(), Life("closed")
    await desk.hear(life.received(), life.rated("amber"), closed := life.closed(60))
    assert desk.clock(closed, "mash_decision").state is State.CANCELLED
    assert desk.clock(closed, "referrer_told").state is State.RUNNING


@pytest.mark.parametrize("first_heard", ["stop", "cancellation"])
def test_whichever_came_first_counts_not_whichever_was_heard_first(first_heard: str) -> None:
    stop = Ending(met=True, at=NOON + timedelta(minutes=10), reason="DecisionMade")
    cancellation = Ending(met=False, at=NOON + timedelta(minutes=20), reason="ContactClosed")
    if first_heard == "stop":
        stop, cancellation = replace(stop, at=cancellation.at), replace(cancellation, at=stop.at)
    clock = _clock()
    heard, truth = (stop, cancellation) if first_heard == "stop" else (cancellation, stop)
    list(clock.follow(replace(clock.terms, ending=heard), NOON))
    [change] = clock.follow(replace(clock.terms, ending=truth), NOON)
    expected = Transition.CANCELLED_BEFORE_MET if first_heard == "stop" else Transition.MET_BEFORE_CANCELLED
    assert change.transition is expected
    assert clock.state is (State.MET if truth.met else State.CANCELLED)


def _clock() -> Deadline:
    import asyncio  # noqa: PLC0415

    desk, life = Desk(), Life("bare")
    asyncio.run(desk.hear(rated := life.rated("amber")))
    return desk.clock(rated, "amber_decision")


async def test_siblings_have_their_own_clocks_and_the_contact_its_own() -> None:
    desk, life = Desk(), Life("siblings", subjects=3)
    await desk.hear(life.received(), life.rated("red-abuse", "amber", "green"), life.decided(2, left=2))
    clocks = list(desk.contacts.get(life.id).deadlines.values())
    of_kind = {(one.terms.kind, one.terms.subject_id): one for one in clocks}
    assert ("strategy_discussion", life.subject(1)) in of_kind
    assert ("strategy_discussion", life.subject(2)) not in of_kind
    assert of_kind["mash_decision", life.subject(2)].state is State.MET
    assert of_kind["mash_decision", life.subject(1)].state is State.RUNNING
    assert of_kind["mash_decision", life.subject(3)].terms.rating == "green"
    assert [one.terms.rating for one in clocks if one.terms.kind == "opened_by_duty"] == ["red"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ReferrerKind.INVOLVED_PROFESSIONAL, {"acknowledgement", "referrer_told", "mash_decision"}),
        (ReferrerKind.PUBLIC, {"acknowledgement", "mash_decision"}),
        (ReferrerKind.ANONYMOUS, {"mash_decision"}),
    ],
)
async def test_every_contact_has_a_live_clock_whoever_told_us(kind: ReferrerKind, expected: set[str]) -> None:
    desk, life = Desk(), Life("kinds", referrer=kind)
    await desk.hear(life.received())
    contact = desk.contacts.get(life.id)
    assert {clock.terms.kind for clock in contact.deadlines.values()} == expected
    assert contact.live_clocks == len(expected)


@pytest.mark.parametrize("readable", [True, False])
async def test_a_parked_rating_sets_the_strictest_clocks_and_its_replay_the_right_ones(*, readable: bool) -> None:
    desk, life = Desk(), Life("parked")
    rated = life.rated("amber")
    await desk.park(rated, readable=readable)
    await desk.park(rated, readable=readable)
    strictest = {clock.terms.kind for clock in desk.contacts.get(life.id).deadlines.values()}
    assert strictest == {"opened_by_duty", "opened_by_manager", "priority_discussion"}
    clock = desk.clock(rated, "priority_discussion")
    assert (clock.terms.due_at, clock.terms.rating) == (life.at(120.5), "unrated")
    assert len(desk.said) == 3
    await desk.hear(life.received())
    assert desk.contacts.get(life.id).live_clocks > 3
    await desk.hear(rated)
    live = {one.terms.kind for one in desk.contacts.get(life.id).deadlines.values() if one.state is State.RUNNING}
    assert live == {"acknowledgement", "referrer_told", "mash_decision", "amber_decision"}
    # The one for the contact gives way to one for each subject as soon as they are known; those to the real rating's.
    ended = {one.reason for one in desk.contacts.get(life.id).deadlines.values() if one.state is State.CANCELLED}
    assert ended == {"superseded", "replayed"}


async def test_a_parked_receipt_counts_until_the_contact_is_rated() -> None:
    desk, life = Desk(), Life("parked receipt")
    received = life.received()
    await desk.park(received)
    assert desk.contacts.get(life.id).live_clocks == 3
    await desk.hear(rated := life.rated("amber"))
    assert desk.clock(rated, "amber_decision").state is State.RUNNING
    live = [one.terms.kind for one in desk.contacts.get(life.id).deadlines.values() if one.state is State.RUNNING]
    assert "priority_discussion" not in live


async def test_other_parked_events_start_nothing() -> None:
    desk, life = Desk(), Life("others")
    await desk.park(life.opened())
    await desk.park(life.acknowledged(), readable=False)
    assert desk.said == []


async def test_a_restated_case_brings_what_was_never_heard() -> None:
    desk, life = Desk(), Life("restated")
    await desk.hear(restated := life.restated("red-abuse", version=4, minutes=30))
    assert desk.clock(restated, "strategy_discussion").terms.due_at == life.at(360)
    assert desk.clock(restated, "opened_by_duty").state is State.MET
    assert desk.contacts.get(life.id).rating_version == 4


async def test_past_the_calendars_end_it_refuses_and_parking_still_works() -> None:
    desk, life = Desk(), Life("far", received_at=NOON.replace(year=2028, month=12, day=30))
    rated = life.rated("red-immediate")
    with pytest.raises(CalendarEnds):
        await desk.hear(rated)
    other = Desk()
    await other.park(rated)
    kinds = {clock.terms.kind for clock in other.contacts.get(life.id).deadlines.values()}
    assert "priority_discussion" in kinds


async def test_with_a_feed_the_clocks_after_hand_over_run_and_a_review_comes_again() -> None:
    desk = Desk(Rulebooks(southampton(), POLICIES, frozenset({"case_system"})))
    life, weeks = Life("after hand-over"), 7 * 24 * 60
    await desk.hear(life.received(), life.rated("amber"), decided := life.decided(outcome="s17_assessment"))
    assessment = desk.clock(decided, "s17_assessment")
    assert assessment.state is State.RUNNING
    assert assessment.terms.due_at.date() == date(2027, 1, 25)  # 45 working days, three of them bank holidays
    await desk.hear(life.closed(200), life.reached("plan_opened", 1000), life.reached("review_held", 1000 + 5 * weeks))
    assert assessment.state is State.RUNNING
    reviews = [one for one in desk.contacts.get(life.id).deadlines.values() if one.terms.kind == "early_help_review"]
    assert [(one.state, one.terms.due_at) for one in sorted(reviews, key=lambda one: one.terms.due_at)] == [
        (State.MET, life.at(1000 + 6 * weeks)),
        (State.RUNNING, life.at(1000 + 11 * weeks)),
    ]
    assert len({one.terms.id for one in reviews}) == 2


async def test_the_enquiry_counts_from_the_strategy_discussion_that_led_to_it() -> None:
    desk, life = Desk(), Life("enquiry")
    await desk.hear(life.received(), life.rated("red-abuse"), life.discussed("strategy", 90))
    await desk.hear(started := life.reached("s47_started", 24 * 60))
    assert desk.clock(started, "s47_conference").terms.starts_at == life.at(90)
