"""What happens while a message is on its way: lost leases, crashes, newer decisions, erasure."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from services.notify.adapters.channels.courier import Courier
from services.notify.application.commands import delivering
from services.notify.application.commands.delivering import Errand, Way
from services.notify.application.ports import Refused, SendResult, TryLater
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed
from tests.support.builders_notify import Life
from tests.support.fakes_outside import SlowChannel

from .conftest import Desk


async def test_a_lease_lost_in_mid_send_gives_one_proof(desk: Desk) -> None:
    await desk.hear([Life().received()])

    async def another_worker_takes_over() -> None:
        desk.clock.advance(61)
        await desk.deliver()

    slow = SlowChannel(another_worker_takes_over)
    await desk.courier(slow).deliver_due()
    assert len(await desk.said()) == 1
    assert await desk.states() == ["sent"]
    assert slow.taken[0].message_id == desk.channel.taken[0].message_id
    outcomes = [row["outcome"] for row in await desk.rows("SELECT outcome FROM attempts ORDER BY number")]
    assert outcomes == ["accepted", "accepted"]


async def test_a_failure_of_a_lost_lease_does_not_undo_the_other_workers_success(desk: Desk) -> None:
    await desk.hear([Life().received()])

    async def another_worker_takes_over() -> None:
        desk.clock.advance(61)
        await desk.deliver()

    slow = SlowChannel(another_worker_takes_over)
    slow.script = [Refused("smtp_550")]
    await desk.courier(slow).deliver_due()
    assert await desk.states() == ["sent"]
    assert [type(data) for data in await desk.said()] == [ReferrerAcknowledged]


async def test_two_workers_at_once_send_once(desk: Desk) -> None:
    await desk.hear([Life().received()])
    first, second = desk.courier(), desk.courier()
    async with desk.notify.work() as one, desk.notify.work() as other:
        now, token = desk.clock.now(), first.new_token()
        mine = await delivering.lease_due(one, now=now, token=token, most=10)
        theirs = await delivering.lease_due(other, now=now, token=second.new_token(), most=10)
        await one.commit()
    assert (len(mine), len(theirs)) == (1, 0)


class Killed(Exception):
    """The worker dies here."""


class DyingCourier(Courier):
    """Dies between the channel's answer and the record of it."""

    async def _record(self, errand: Errand, number: int, way: Way, result: SendResult) -> None:
        del errand, number, way, result
        raise Killed


async def test_a_crash_between_send_and_record_sends_again_under_the_same_id_with_one_proof(desk: Desk) -> None:
    await desk.hear([Life().received()])
    courier = desk.courier()
    dying = DyingCourier(**{name: getattr(courier, name) for name in courier.__dataclass_fields__})
    with pytest.raises(Killed):
        await dying.deliver_due()
    assert await desk.states() == ["leased"]
    await desk.deliver()
    assert len(desk.channel.taken) == 1, "the lease still holds"
    desk.clock.advance(61)
    await desk.deliver()
    first, second = desk.channel.taken
    assert first == second
    assert [type(data) for data in await desk.said()] == [ReferrerAcknowledged]
    attempts = await desk.rows("SELECT number, outcome FROM attempts ORDER BY number")
    assert [tuple(row.values()) for row in attempts] == [(1, None), (2, "accepted")]


async def test_a_fault_in_the_channel_is_tried_again_and_does_not_stop_the_others(desk: Desk) -> None:
    desk.channel.script = [RuntimeError("boom")]
    one, other = Life("one"), Life("other")
    await desk.hear([one.received(), other.received()])
    await desk.deliver()
    rows = await desk.rows("SELECT state, reason FROM messages ORDER BY state")
    assert [tuple(row.values()) for row in rows] == [("retrying", "fault_RuntimeError"), ("sent", None)]


async def test_a_decision_revised_while_its_notice_is_being_retried_is_told_once(desk: Desk) -> None:
    life = Life()
    await desk.hear([life.received()])
    await desk.deliver()
    desk.channel.taken.clear()
    await desk.hear([life.decided()])

    async def revised() -> None:
        await desk.hear([life.decided(version=2, outcome="signpost")])

    slow = SlowChannel(revised)
    slow.script = [TryLater("smtp_451")]
    await desk.courier(slow).deliver_due()
    desk.clock.advance(3600)
    await desk.deliver()
    informed = [data for data in await desk.said() if isinstance(data, ReferrerInformed)]
    assert [data.decisions for data in informed] == [{life.subject(1): 2}]
    (letter,) = desk.channel.taken
    assert "universal or community services" in letter.body


async def test_what_a_lost_lease_sent_at_24_hours_is_said_as_it_was_written(desk: Desk) -> None:
    life = Life(subjects=2)
    await desk.hear([life.received()])
    await desk.deliver()
    await desk.hear([life.decided(1, undecided=1), life.breached()])

    async def revised_and_taken_over() -> None:
        await desk.hear([life.decided(1, undecided=1, version=2)])
        desk.clock.advance(61)
        desk.channel.script = [TryLater("smtp_451")]
        await desk.deliver()

    await desk.courier(SlowChannel(revised_and_taken_over)).deliver_due()
    informed = [data.decisions for data in await desk.said() if isinstance(data, ReferrerInformed)]
    assert informed == [{life.subject(1): 1}]
    rows = await desk.rows("SELECT state, template, complete FROM messages WHERE kind = 'outcome'")
    assert [tuple(row.values()) for row in rows] == [("waiting", "professional-outcome-revised", False)]
    await desk.deliver()
    assert "second child you named: not decided yet" in desk.channel.taken[-1].body


async def test_an_older_decision_whose_sender_died_gives_way_to_the_newer(desk: Desk) -> None:
    life = Life()
    await desk.hear([life.received()])
    await desk.deliver()
    await desk.hear([life.decided()])
    courier = desk.courier()
    dying = DyingCourier(**{name: getattr(courier, name) for name in courier.__dataclass_fields__})
    with pytest.raises(Killed):
        await dying.deliver_due()
    await desk.hear([life.decided(version=2)])
    desk.clock.advance(61)
    await desk.deliver()
    rows = await desk.rows("SELECT state, template FROM messages WHERE kind = 'outcome' ORDER BY state")
    assert [tuple(row.values()) for row in rows] == [
        ("sent", "professional-outcome-revised"),
        ("superseded", "professional-outcome"),
    ]


async def test_a_policy_that_is_missing_holds_up_its_own_message_only(desk: Desk) -> None:
    old, new = Life("old"), Life("new")
    await desk.hear([old.decided(), new.decided()])
    async with desk.notify.platform.engine.begin() as connection:
        sql = (
            "UPDATE contacts SET decisions = CAST(replace(CAST(decisions AS text), '@1', '@9') AS jsonb)"
            " WHERE contact_id = :id"
        )
        await connection.execute(text(sql), {"id": old.id})
    await desk.deliver()
    rows = await desk.rows("SELECT state, reason, attempts FROM messages ORDER BY state")
    assert [tuple(row.values()) for row in rows] == [("retrying", "policy_missing", 0), ("sent", None, 1)]


async def test_erasure_leaves_only_the_mark_and_a_result_that_comes_later_is_nobodys(desk: Desk) -> None:
    life = Life()
    await desk.hear([life.received(), life.rated()])

    async def erased() -> None:
        await desk.hear([life.erased()])

    slow = SlowChannel(erased)
    await desk.courier(slow).deliver_due()
    for table in ("contacts", "messages", "attempts", "duty_ladders", "told", "contact_keys", "event_log"):
        assert await desk.rows(f"SELECT 1 FROM {table}") == [], table
    assert await desk.said() == []
    await desk.hear([life.decided()])
    assert await desk.rows("SELECT 1 FROM messages") == []
