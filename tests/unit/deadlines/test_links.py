"""What a link does to clocks: the duplicate's decision clocks end with it, are watched again, and breaches stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.deadlines.domain.model.deadline import State
from tests.support.builders_deadlines import NOON
from tests.support.builders_front_half import WorkedLife
from tests.unit.deadlines.conftest import Desk
from tests.unit.deadlines.test_front_half import live


@pytest.mark.parametrize("relation", ["duplicate", "follow_up"])
async def test_a_duplicate_keeps_only_what_is_owed_to_its_own_referrer(relation: str) -> None:
    desk, life = Desk(), WorkedLife("duplicate")
    await desk.hear(life.received(), life.rated("red-abuse"), life.checked(5, rating="red"))
    await desk.hear(linked := life.linked(10, "red", relation=relation))
    assert live(desk, life) == {"acknowledgement", "referrer_told"}
    clock = desk.clock(linked, "strategy_discussion")
    assert (clock.state, clock.reason, clock.cancelled_at) == (State.CANCELLED, "linked", life.at(10))
    assert desk.contacts.get(life.id).linked_at == life.at(10)


@pytest.mark.parametrize(("role", "relation"), [("primary", "duplicate"), ("peer", "related")])
async def test_a_primary_and_a_related_contact_keep_all_their_clocks(role: str, relation: str) -> None:
    desk, life = Desk(), WorkedLife("other roles")
    await desk.hear(life.received(), life.rated("red-abuse"))
    before = live(desk, life)
    await desk.hear(life.linked(10, role=role, relation=relation))
    assert live(desk, life) == before
    assert desk.contacts.get(life.id).linked_at is None


async def test_taken_back_the_duplicate_is_watched_again_from_receipt() -> None:
    desk, life = Desk(), WorkedLife("unlinked")
    await desk.hear(life.received(), rated := life.rated("amber"), life.linked(10, "amber"), life.unlinked(60))
    clock = desk.clock(rated, "amber_decision")
    assert (clock.state, clock.reason, clock.epoch) == (State.RUNNING, "resumed", 2)
    assert (clock.terms.starts_at, clock.terms.due_at) == (life.at(0), life.at(1440))
    assert desk.contacts.get(life.id).linked_at is None


async def test_a_breach_made_before_the_link_stays_on_record() -> None:
    desk, life = Desk(), WorkedLife("breached before")
    await desk.hear(life.received(), rated := life.rated("red-immediate"))
    desk.fire(life.at(121))
    await desk.hear(life.linked(130, "red"))
    clock = desk.clock(rated, "priority_discussion")
    assert (clock.state, clock.breached_at) == (State.CANCELLED, life.at(120))
    await desk.hear(life.unlinked(140))
    assert (clock.state, clock.breached_at) == (State.BREACHED, life.at(120))


async def test_a_rating_the_link_does_not_tell_runs_until_the_link_is_said_again() -> None:
    desk, life = Desk(), WorkedLife("risen")
    await desk.hear(life.received(), life.rated("amber"), life.linked(10, "amber"))
    assert live(desk, life) == {"acknowledgement", "referrer_told"}
    await desk.hear(risen := life.rated("red-abuse", version=2, minutes=20))
    assert {"strategy_discussion", "mash_decision", "opened_by_duty"} <= live(desk, life)
    await desk.hear(life.linked(30, "red", version=2))
    assert live(desk, life) == {"acknowledgement", "referrer_told"}
    assert desk.clock(risen, "strategy_discussion").cancelled_at == life.at(30)


async def test_rated_again_no_higher_a_duplicate_stays_a_duplicate() -> None:
    desk, life = Desk(), WorkedLife("no higher")
    await desk.hear(life.received(), life.rated("red-abuse"), life.linked(10, "red"))
    await desk.hear(again := life.rated("red-immediate", version=2, minutes=20))
    assert live(desk, life) == {"acknowledgement", "referrer_told"}
    assert desk.clock(again, "priority_discussion").cancelled_at == life.at(20)


async def test_a_link_that_tells_no_rating_ends_nothing_once_there_is_one() -> None:
    desk, life = Desk(), WorkedLife("not rated yet")
    await desk.hear(life.received(), life.linked(1, None))
    assert "mash_decision" not in live(desk, life)
    await desk.hear(life.rated("green", minutes=2))
    assert {"mash_decision", "green_decision"} <= live(desk, life)


async def test_every_subjects_rating_must_be_told() -> None:
    desk, life = Desk(), WorkedLife("siblings", subjects=2)
    await desk.hear(life.received(), life.rated("amber", "green"), life.linked(10, "amber"))
    assert "mash_decision" in live(desk, life)
    await desk.hear(life.linked(20, "amber", "green", version=2))
    assert "mash_decision" not in live(desk, life)


async def test_the_primary_counts_from_the_earlier_receipt_and_no_longer_once_unlinked() -> None:
    desk, life = Desk(), WorkedLife("primary")
    await desk.hear(life.received(), rated := life.rated("red-abuse"))
    await desk.hear(life.linked(10, role="primary", earlier=30))
    clock = desk.clock(rated, "strategy_discussion")
    assert (clock.terms.starts_at, clock.terms.due_at, clock.epoch) == (life.at(-30), life.at(330), 2)
    await desk.hear(life.unlinked(20, role="primary"))
    assert (clock.terms.due_at, clock.epoch) == (life.at(360), 3)


async def test_what_is_owed_to_the_primarys_own_referrer_counts_from_what_that_referrer_sent() -> None:
    desk, life = Desk(), WorkedLife("own referrer")
    await desk.hear(life.received(), rated := life.rated("amber"), life.acknowledged())
    told = desk.clock(rated, "referrer_told")
    await desk.hear(linked := life.linked(120, role="primary", earlier=48 * 60))  # the duplicate came two days before
    assert (told.state, told.terms.starts_at, told.terms.due_at, told.epoch) == (
        State.RUNNING, life.at(0), life.at(1440), 1,
    )  # fmt: skip
    assert desk.clock(linked, "acknowledgement").in_time
    await desk.hear(life.unlinked(180, role="primary"))
    assert (told.terms.due_at, told.epoch) == (life.at(1440), 1)
    assert not [one for one in desk.contacts.get(life.id).breaches if one.deadline is told]


async def test_a_later_receipt_of_the_duplicate_moves_nothing() -> None:
    desk, life = Desk(), WorkedLife("later duplicate")
    await desk.hear(life.received(), rated := life.rated("red-abuse"))
    await desk.hear(life.linked(10, role="primary", earlier=-30))
    assert desk.clock(rated, "strategy_discussion").epoch == 1


async def test_a_copy_of_the_earlier_receipt_does_not_replace_the_owners_word() -> None:
    desk, life = Desk(), WorkedLife("copy")
    await desk.hear(life.received())
    other = WorkedLife("copy", received_at=NOON - timedelta(minutes=30))
    await desk.hear(rated := other.rated("red-abuse"))
    clock = desk.clock(rated, "strategy_discussion")
    assert clock.terms.starts_at == life.at(0)
    await desk.hear(life.linked(10, role="primary", earlier=30))
    assert clock.terms.starts_at == life.at(-30)


async def test_it_had_run_in_between_although_that_was_heard_of_last() -> None:
    desk, life = Desk(), WorkedLife("in between")
    amber, red = life.rated("amber"), life.rated("red-immediate", version=2, minutes=20)
    await desk.hear(life.received(), amber, life.linked(10, "amber"), life.linked(200, "red", version=2), red)
    clock = desk.clock(red, "mash_decision")
    assert (clock.state, clock.cancelled_at, clock.reason) == (State.CANCELLED, life.at(200), "linked")
    assert desk.clock(red, "priority_discussion").breached_at == life.at(120)


async def test_decided_while_linked_and_unlinked_it_was_decided() -> None:
    desk, life = Desk(), WorkedLife("decided meanwhile")
    await desk.hear(life.received(), rated := life.rated("amber"), life.linked(10, "amber"), life.decided())
    clock = desk.clock(rated, "amber_decision")
    assert clock.state is State.CANCELLED
    await desk.hear(life.unlinked(300))
    assert (clock.state, clock.met_at, clock.in_time) == (State.MET, life.at(120), True)


@pytest.mark.parametrize("heard_first", ["linked", "decided"])
async def test_what_the_primary_decided_holds_only_as_long_as_the_link(heard_first: str) -> None:
    desk, life = Desk(), WorkedLife("decided elsewhere")
    await desk.hear(life.received(), rated := life.rated("amber"))
    linked, decided = life.linked(10, "amber"), life.decided(made_on=life.item("the other"))
    await desk.hear(*((linked, decided) if heard_first == "linked" else (decided, linked)), life.unlinked(300))
    clock = desk.clock(rated, "amber_decision")
    assert (clock.state, clock.reason, clock.met_at) == (State.RUNNING, "resumed", None)
    assert desk.contacts.get(life.id).decided_at is None
    await desk.hear(life.decided(minutes=400, version=2))
    assert (clock.state, clock.met_at) == (State.MET, life.at(400))


async def test_a_clock_that_the_primary_met_runs_again_once_unlinked() -> None:
    desk, life = Desk(), WorkedLife("met elsewhere")
    await desk.hear(life.received(), rated := life.rated("amber"), life.linked(10, "green"))
    await desk.hear(life.decided(made_on=life.item("the other")))
    clock = desk.clock(rated, "amber_decision")
    assert clock.state is State.MET
    await desk.hear(life.unlinked(300))
    assert (clock.state, clock.met_at) == (State.RUNNING, None)


async def test_what_follows_a_decision_is_watched_once_where_it_was_made() -> None:
    desk, life = Desk(), WorkedLife("watched once")
    await desk.hear(life.received(), life.rated("amber"), life.linked(10, "amber"))
    await desk.hear(life.decided(made_on=life.item("the other")))
    assert {one.terms.kind for one in desk.contacts.get(life.id).deadlines.values()}.isdisjoint(
        {"s17_assessment", "s17_checkpoint"}
    )
