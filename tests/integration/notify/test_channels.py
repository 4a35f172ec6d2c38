"""Choice and fallback, hosts that are slow or down, and who is reached by what."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.application.ports import Letter, Recipient, Refused, SendResult, TryLater, Why
from services.notify.domain.model.breaker import OPENS_AFTER
from shared.contracts.parts import ReferrerKind
from tests.support.builders_notify import EMAIL, NOON, Life
from tests.support.eventually import eventually
from tests.support.fakes_outside import ScriptedChannel

from .conftest import Desk

MOBILE = "+447700900123"
DOWN = TryLater("connection_ConnectError", why=Why.HOST)


@pytest.fixture
def sms() -> ScriptedChannel:
    return ScriptedChannel(name="sms")


async def rows(desk: Desk) -> list[tuple[object, ...]]:
    found = await desk.rows("SELECT state, reason, channel, attempts FROM messages ORDER BY created_at, id")
    return [tuple(row.values()) for row in found]


async def test_refused_for_good_goes_to_the_second_channel_at_once(desk: Desk, sms: ScriptedChannel) -> None:
    desk.book.answer = Recipient(email=EMAIL, mobile=MOBILE, sender_reference=None)
    desk.channel.script = [Refused("smtp_550")]
    await desk.hear([Life().received()])
    courier = desk.courier(sms=sms)
    await courier.deliver_due()
    assert await rows(desk) == [("retrying", "smtp_550", "email", 1)]
    await courier.deliver_due()
    assert await rows(desk) == [("sent", None, "sms", 2)]
    assert [letter.to for letter in sms.taken] == [MOBILE]
    tries = await desk.rows("SELECT channel, outcome FROM attempts ORDER BY number")
    assert [tuple(row.values()) for row in tries] == [("email", "refused"), ("sms", "accepted")]


async def test_undelivered_for_four_hours_goes_to_the_second_channel(desk: Desk, sms: ScriptedChannel) -> None:
    desk.book.answer = Recipient(email=EMAIL, mobile=MOBILE, sender_reference=None)
    desk.channel.script = [TryLater("smtp_450")] * 9
    await desk.hear([Life().received()])
    courier = desk.courier(sms=sms)
    await courier.deliver_due()
    desk.clock.advance(3600)
    await desk.business_time(NOON + timedelta(hours=4))
    await courier.deliver_due()
    assert await rows(desk) == [("sent", None, "sms", 2)]


async def test_a_person_who_has_it_sent_again_begins_with_the_first_channel(desk: Desk, sms: ScriptedChannel) -> None:
    desk.book.answer = Recipient(email=EMAIL, mobile=MOBILE, sender_reference=None)
    desk.channel.script, sms.script = [Refused("smtp_550")], [Refused("address_unusable")]
    life = Life()
    await desk.hear([life.received()])
    courier = desk.courier(sms=sms)
    await courier.deliver_due()
    await courier.deliver_due()
    assert await rows(desk) == [("needs_person", "address_unusable", "sms", 2)]
    async with desk.notify.work() as work:
        await work.lock([life.id])
        (message,) = work.messages.of(life.id).values()
        message.resend(work.now)
        await work.commit()
    await courier.deliver_due()
    assert await rows(desk) == [("sent", None, "email", 3)]


@pytest.mark.parametrize("kind", [ReferrerKind.PUBLIC, ReferrerKind.PROFESSIONAL])
async def test_who_gave_only_a_mobile_number_gets_a_text_message_where_there_are_any(
    desk: Desk, sms: ScriptedChannel, kind: ReferrerKind
) -> None:
    desk.book.answer = Recipient(email=None, mobile=MOBILE, sender_reference=None)
    desk.notify.store = replace(desk.notify.store, reaches=frozenset({"email", "sms"}))
    await desk.hear([Life(referrer=kind, has_address=False, has_mobile=True).received()])
    await desk.courier(sms=sms).deliver_due()
    assert await rows(desk) == [("sent", None, "sms", 1)]
    (letter,) = sms.taken
    assert len(letter.body) < 400


async def test_without_text_messages_a_mobile_number_is_no_address(desk: Desk) -> None:
    await desk.hear([Life(referrer=ReferrerKind.PUBLIC, has_address=False, has_mobile=True).received()])
    assert await rows(desk) == []


class Directory:
    """Which organisations take messages."""

    def __init__(self, *organisations: str) -> None:
        self._organisations = organisations

    async def takes_messages(self, organisation_id: str) -> bool:
        return organisation_id in self._organisations


@pytest.mark.parametrize(("takes", "state"), [("school", "sent"), ("elsewhere", "needs_person")])
async def test_a_professional_without_an_address_is_told_in_their_own_system_or_by_a_person(
    desk: Desk, takes: str, state: str
) -> None:
    webhook = ScriptedChannel(name="webhook")
    desk.book.answer = Recipient(email=None, sender_reference=None)
    desk.notify.store = replace(desk.notify.store, reaches=frozenset({"email", "webhook"}))
    desk.notify.directory = Directory(takes)
    life = Life(has_address=False)
    await desk.hear([life.received(), life.decided()])
    await desk.courier(webhook=webhook).deliver_due()
    assert [row[0] for row in await rows(desk)] == [state]
    assert [letter.to for letter in webhook.taken] == (["school"] if state == "sent" else [])


async def test_a_host_that_is_down_costs_no_attempts_and_recovers(desk: Desk) -> None:
    desk.channel.script = [DOWN] * OPENS_AFTER
    courier = desk.courier()
    await desk.hear([Life(f"{number}").received() for number in range(OPENS_AFTER)])
    for _ in range(3):
        await courier.deliver_due()
        desk.clock.advance(3)
    left = await desk.rows("SELECT sum(attempts) AS spent, max(reason) AS reason FROM messages")
    assert left[0]["spent"] == OPENS_AFTER
    for _ in range(30):
        desk.clock.advance(6)
        await courier.deliver_due()
    assert await desk.states() == ["sent"] * OPENS_AFTER


class Hanging(ScriptedChannel):
    """A host that takes its time."""

    def __init__(self) -> None:
        super().__init__(name="sms")
        self.let_go = asyncio.Event()

    async def send(self, letter: Letter) -> SendResult:
        await self.let_go.wait()
        return await super().send(letter)


async def test_one_slow_host_holds_up_nobody_else(desk: Desk) -> None:
    slow = Hanging()
    desk.book.answer = Recipient(email=None, mobile=MOBILE, sender_reference=None)
    await desk.hear([Life(f"slow {number}").received() for number in range(9)])
    courier = desk.courier(sms=slow)
    courier.under_way.patience = 0.1
    await courier.deliver_due()

    async def put_off() -> bool:
        busy = await desk.rows("SELECT 1 FROM messages WHERE reason = 'host_busy' AND attempts = 0")
        return len(busy) == 5

    await eventually(put_off)
    desk.book.answer = Recipient(email=EMAIL, sender_reference=None)
    await desk.hear([Life(f"other {number}").received() for number in range(9)])

    async def all_others_sent() -> bool:
        await courier.deliver_due()
        return len(desk.channel.taken) == 9

    await eventually(all_others_sent)
    assert slow.taken == []
    slow.let_go.set()
    courier.under_way.patience = 30
    await courier.deliver_due()
    assert len(slow.taken) == 4, "four at once"


async def test_what_is_under_way_when_a_worker_stops_is_sent_by_the_next(desk: Desk) -> None:
    slow = Hanging()
    desk.book.answer = Recipient(email=None, mobile=MOBILE, sender_reference=None)
    await desk.hear([Life().received()])
    courier = desk.courier(sms=slow)
    courier.under_way.patience = 0.2
    await courier.deliver_due()
    await courier.under_way.close()
    assert await desk.states() == ["leased"]
    desk.clock.advance(61)
    slow.let_go.set()
    await desk.courier(sms=slow).deliver_due()
    assert await desk.states() == ["sent"]


async def test_our_own_wrong_set_up_is_an_alarm_and_drops_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.channel.script = [TryLater("smtp_535", why=Why.OURS)]
    await desk.hear([Life().received()])
    await desk.deliver()
    assert "our set-up is refused" in capsys.readouterr().out
    (row,) = await desk.rows("SELECT state, next_try_at FROM messages")
    assert row["state"] == "retrying"
    assert row["next_try_at"] == desk.clock.now() + timedelta(minutes=10)
