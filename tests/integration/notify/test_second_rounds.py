"""What was said of an earlier attempt, an earlier round or another host never spoils the one that counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify.application.commands.delivering import ask_for_person
from services.notify.application.commands.receipts import hear_receipt
from services.notify.application.ports import HandedOver, Recipient, Refused, TryLater, Why
from services.notify.domain.model import Receipt, Verdict
from services.notify.domain.model.breaker import OPENS_AFTER
from shared.contracts.notify import DeliveryFailed, ReferrerAcknowledged
from tests.support.builders_notify import EMAIL, NOON, Life
from tests.support.fakes_outside import ScriptedChannel

from .conftest import Desk

MOBILE = "+447700900123"
DOWN = TryLater("connection_ConnectError", why=Why.HOST)


async def state(desk: Desk) -> tuple[object, ...]:
    """Of the first message: that it is not told in time may alert staff by another."""
    row, *_ = await desk.rows("SELECT state, reason, attempts FROM messages ORDER BY created_at")
    return tuple(row.values())


async def persons(desk: Desk) -> None:
    async with desk.notify.work() as work:
        await ask_for_person(work, most=10)
        await work.commit()


async def test_sent_again_after_a_day_it_has_its_full_time_again(desk: Desk) -> None:
    desk.channel.script = [Refused("smtp_550"), TryLater("smtp_450")]
    life = Life()
    await desk.hear([life.received()])
    await desk.deliver()
    assert (await state(desk))[0] == "needs_person"
    await desk.business_time(NOON + timedelta(hours=26))
    async with desk.notify.work() as work:
        await work.lock([life.id])
        (message,) = work.messages.of(life.id).values()
        message.resend(work.now)
        await work.commit()
    await desk.deliver()
    await persons(desk)
    assert (await state(desk))[:2] == ("retrying", "smtp_450")
    await desk.business_time(NOON + timedelta(hours=34))
    await persons(desk)
    assert (await state(desk))[0] == "needs_person"


async def test_an_earlier_attempts_failure_does_not_contradict_a_later_channels_proof(desk: Desk) -> None:
    desk.book.answer = Recipient(email=EMAIL, mobile=MOBILE, sender_reference=None)
    sms = ScriptedChannel(name="sms")
    desk.channel.script = [HandedOver(provider_id="first")]
    life = Life()
    await desk.hear([life.received()])
    courier = desk.courier(sms=sms)
    await courier.deliver_due()
    (row,) = await desk.rows("SELECT id FROM messages")
    failed = Receipt(provider_id="first", verdict=Verdict.REFUSED, code="permanent-failure", at=desk.clock.now())
    for _ in range(2):  # the provider repeats itself: the second comes when the text message has been taken
        async with desk.notify.work() as work:
            await hear_receipt(work, life.id, row["id"], failed, chance=0.5)
            await work.commit()
        await courier.deliver_due()
    assert (await state(desk))[0] == "sent"
    (said,) = await desk.said()
    assert isinstance(said, ReferrerAcknowledged)
    assert said.delivery.channel == "sms"


async def test_alerts_wait_for_a_host_that_is_down_at_no_cost_and_go_soon_after(desk: Desk) -> None:
    desk.channel.script = [DOWN] * OPENS_AFTER
    courier = desk.alert_courier()
    await desk.hear([Life(f"red {number}").rated() for number in range(OPENS_AFTER)])
    for _ in range(12):
        await courier.deliver_due()
        desk.clock.advance(61)
    rows = await desk.rows("SELECT attempts, state FROM messages")
    assert {row["state"] for row in rows} == {"sent"}
    assert max(row["attempts"] for row in rows) <= OPENS_AFTER + 1


@pytest.mark.parametrize("attempts", [1, 5, 9])
async def test_an_alert_is_never_put_off_for_more_than_a_minute(desk: Desk, attempts: int) -> None:
    desk.channel.script = [TryLater("smtp_450")] * attempts
    await desk.hear([Life().rated()])
    courier = desk.alert_courier()
    for _ in range(attempts + 1):
        await courier.deliver_due()
        desk.clock.advance(73)  # a minute and its spread
    assert (await state(desk))[0] == "sent"
    assert not [event for event in await desk.said() if isinstance(event, DeliveryFailed)]
