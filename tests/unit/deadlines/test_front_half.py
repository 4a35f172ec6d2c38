"""The clocks of checks, challenges, revisions, reopening and assignment; and what more information does to none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.deadlines.domain.model.deadline import Deadline, State
from shared.contracts.deadlines import DeadlineSet
from shared.contracts.triage import CheckStanding
from tests.support.builders_deadlines import Life
from tests.support.builders_front_half import WorkedLife
from tests.unit.deadlines.conftest import Desk


def clocks(desk: Desk, life: Life, kind: str) -> list[Deadline]:
    found = [one for one in desk.contacts.get(life.id).deadlines.values() if one.terms.kind == kind]
    return sorted(found, key=lambda one: one.terms.starts_at)


def live(desk: Desk, life: Life) -> set[str]:
    return {
        one.terms.kind
        for one in desk.contacts.get(life.id).deadlines.values()
        if one.state in {State.RUNNING, State.BREACHED}
    }


async def test_each_check_has_its_own_clock_and_names_itself_and_its_agency() -> None:
    desk, life = Desk(), WorkedLife("checks")
    await desk.hear(life.received(), life.rated("amber"))
    await desk.hear(life.checked(10, name="one"), life.checked(20, agency="health", name="two"))
    first, second = clocks(desk, life, "check_answer_amber")
    assert [one.terms.due_at for one in (first, second)] == [life.at(370), life.at(380)]
    assert [one.terms.agency for one in (first, second)] == ["police", "health"]
    said = [one.clock.request_id for one in desk.said if isinstance(one, DeadlineSet)]
    assert said[-2:] == [life.item("one"), life.item("two")]
    await desk.hear(life.check_answered(60, answer="nothing_known", agency="health", name="two"))
    assert (first.state, second.state, second.met_at) == (State.RUNNING, State.MET, life.at(60))


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("information", State.MET),
        ("nothing_known", State.MET),
        ("refused", State.MET),
        ("no_longer_needed", State.CANCELLED),
    ],
)
async def test_what_an_answer_does_to_the_checks_clock(answer: str, state: State) -> None:
    desk, life = Desk(), WorkedLife("answer")
    await desk.hear(life.check_answered(30, answer=answer), asked := life.checked(10, rating="red"))
    assert desk.clock(asked, "check_answer_red").state is state


async def test_a_decision_leaves_an_unanswered_checks_clock_running() -> None:
    desk, life = Desk(), WorkedLife("without an answer")
    await desk.hear(life.received(), life.rated("amber"), life.checked(10), life.decided())
    assert "check_answer_amber" in live(desk, life)


async def test_each_challenge_has_a_clock_that_its_own_answer_meets_and_closing_does_not_end() -> None:
    desk, life = Desk(), WorkedLife("challenged")
    await desk.hear(life.received(), life.rated("amber"), life.decided(), life.closed(200))
    await desk.hear(
        life.challenged(300, "first"), life.challenged(310, "second"), life.challenge_answered(400, "second")
    )
    first, second = clocks(desk, life, "challenge_answer")
    assert (first.state, second.state) == (State.RUNNING, State.MET)
    assert first.terms.item_id == life.item("first")


async def test_a_revised_decision_moves_the_clocks_after_hand_over() -> None:
    desk, life = Desk(), WorkedLife("revised")
    await desk.hear(life.received(), life.rated("amber"), decided := life.decided(outcome="early_help"))
    await desk.hear(life.revised(outcome="s17_assessment", minutes=3000))
    assessment = desk.clock(decided, "s17_assessment")
    assert (assessment.state, assessment.terms.starts_at) == (State.NOT_WATCHED, life.received_at)
    await desk.hear(life.revised(outcome="signpost", minutes=4000, version=3))
    assert (assessment.state, assessment.reason) == (State.CANCELLED, "revised")
    assert desk.clock(decided, "mash_decision").met_at == life.at(120)


async def test_a_subject_named_later_has_clocks_from_first_receipt() -> None:
    desk, life = Desk(), WorkedLife("another child")
    await desk.hear(life.received(), life.rated("amber"), life.added(60, subjects=2))
    [first, second] = clocks(desk, life, "mash_decision")
    assert {first.terms.subject_id, second.terms.subject_id} == {life.subject(1), life.subject(2)}
    assert first.terms.due_at == second.terms.due_at


async def test_history_a_withdrawal_and_more_information_change_no_clock() -> None:
    desk, life = Desk(), WorkedLife("only information")
    await desk.hear(life.received(), life.rated("red-abuse"), life.checked(2, rating="red"))
    said = len(desk.said)
    await desk.hear(life.history(3), life.withdrawn(4), life.added(5), life.assigned(6))
    assert len(desk.said) == said
    assert desk.contacts.get(life.id).stage == "rated"


async def test_the_team_that_has_it_owns_its_clocks_and_the_last_hand_over_counts() -> None:
    desk, life = Desk(), WorkedLife("assigned")
    day, night = life.assigned(10), life.assigned(300, "edt", "to_edt")
    await desk.hear(life.received(), life.rated("amber"), day, night)
    assert desk.contacts.get(life.id).team == "edt"


async def test_a_reopened_contact_must_be_decided_again_and_closing_it_decided_meets_that() -> None:
    desk, life = Desk(), WorkedLife("reopened")
    await desk.hear(
        life.received(), life.rated("amber"), life.opened(), life.decided(), life.informed(), life.closed(200)
    )
    contact = desk.contacts.get(life.id)
    assert (live(desk, life), contact.stage) == ({"acknowledgement"}, "closed")
    await desk.hear(life.reopened(600))
    assert (contact.stage, contact.closed_at, contact.decided_at) == ("opened", None, None)
    [again] = clocks(desk, life, "decision_again")
    assert (again.state, again.terms.starts_at) == (State.RUNNING, life.at(600))
    await desk.hear(life.revised(outcome="signpost", minutes=700))
    assert (again.state, again.met_at, contact.stage) == (State.MET, life.at(700), "decided")
    await desk.hear(life.closed(800), life.reopened(9000))
    second = clocks(desk, life, "decision_again")[1]
    assert second.state is State.RUNNING
    assert second.terms.id != again.terms.id
    closed = life.closed(9100)
    await desk.hear(life.event(closed.data.model_copy(update={"reason_code": "completed"}), 9100))
    assert (second.state, contact.stage) == (State.MET, "closed")


async def test_closed_undecided_and_reopened_every_subject_has_a_clock() -> None:
    desk, life = Desk(), WorkedLife("undecided", subjects=2)
    await desk.hear(life.received(), life.rated("amber", "green"), life.decided(1, left=1), life.closed(200))
    await desk.hear(life.reopened(600), life.added(700, subjects=3))
    assert {one.terms.subject_id for one in clocks(desk, life, "decision_again")} == {
        life.subject(number) for number in (1, 2, 3)
    }


async def test_what_rises_above_its_decision_must_be_decided_again() -> None:
    desk, life = Desk(), WorkedLife("raised", subjects=2)
    await desk.hear(life.received(), life.rated("green", "green"), life.decided(1, left=1), life.decided(2))
    contact = desk.contacts.get(life.id)
    assert contact.stage == "decided"
    await desk.hear(life.rated("amber", "green", version=2, minutes=300))
    [again] = clocks(desk, life, "decision_again")
    assert (again.terms.subject_id, again.state, contact.stage) == (life.subject(1), State.RUNNING, "rated")
    await desk.hear(life.decided(1, version=2, minutes=400))
    assert (again.state, contact.stage) == (State.MET, "decided")


async def test_a_higher_outcome_alone_is_a_rise() -> None:
    desk, life = Desk(), WorkedLife("higher outcome")
    first = life.rated("amber")
    await desk.hear(life.received(), first, life.decided())
    [subject] = first.data.subjects
    asked = subject.model_copy(update={"proposed_outcome": "s47_strategy_discussion"})
    more = first.data.model_copy(update={"rating_version": 2, "subjects": (asked,)})
    await desk.hear(life.event(more, 300))
    assert "decision_again" in live(desk, life)


async def test_a_second_rating_that_asks_for_no_more_leaves_a_decision_alone() -> None:
    desk, life = Desk(), WorkedLife("same again")
    await desk.hear(life.received(), life.rated("amber"), life.decided(), life.rated("green", version=2, minutes=300))
    assert clocks(desk, life, "decision_again") == []


async def test_restated_cases_and_contacts_bring_what_was_never_heard() -> None:
    desk, life = Desk(), WorkedLife("restated")
    await desk.hear(life.contact_restated(50, role="duplicate", relation="duplicate", version=1, earlier=0))
    case = life.restated("amber", version=1, minutes=60).data.model_copy(
        update={
            "checks": (CheckStanding(asked=life.checked(30).data, answered=life.check_answered(40).data),),
            "challenges_answered": (life.challenge_answered(55).data,),
            "assigned": life.assigned(20, "edt").data,
            "reopened": life.reopened(58).data,
        }
    )
    await desk.hear(rated := life.event(case, 60))
    contact = desk.contacts.get(life.id)
    assert (contact.team, contact.linked_at) == ("edt", None)  # the link does not tell the rating yet
    states = {
        kind: desk.clock(rated, kind).state for kind in ("check_answer_amber", "challenge_answer", "decision_again")
    }
    assert states == {
        "check_answer_amber": State.MET,
        "challenge_answer": State.MET,
        "decision_again": State.RUNNING,
    }


async def test_a_link_that_a_restatement_no_longer_has_was_taken_back() -> None:
    desk, life = Desk(), WorkedLife("taken back unheard")
    await desk.hear(life.received(), rated := life.rated("amber"), life.linked(10, "amber"))
    assert desk.clock(rated, "mash_decision").reason == "linked"
    await desk.hear(life.contact_restated(30))
    assert desk.clock(rated, "mash_decision").state is State.RUNNING


async def test_an_unreadable_event_of_intake_counts_only_until_it_is_replayed() -> None:
    desk, life = Desk(), WorkedLife("unreadable")
    history = life.history(3)
    await desk.hear(life.received(), life.rated("amber"))
    await desk.park(history, readable=False)
    assert "priority_discussion" in live(desk, life)
    desk.now += timedelta(minutes=1)
    await desk.hear(history)
    assert "priority_discussion" not in live(desk, life)
