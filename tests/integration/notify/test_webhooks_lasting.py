"""What becomes of a webhook over days: delayed, disabled, enabled, given up, replayed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify.application.commands import webhooks as commands
from services.notify.domain.model.breaker import OPENS_AFTER
from services.notify.domain.model.webhook import Webhook, WebhookNotAllowed, WebhookState, WhyDisabled
from tests.support.builders_notify import Life
from tests.support.receivers import Receiver

from .conftest import Desk
from .webhook_desk import WebhookDesk

DAY = 24 * 3600


@pytest.fixture
async def hooks(desk: Desk) -> WebhookDesk:
    return WebhookDesk(desk)


async def enable(hooks: WebhookDesk, webhook: Webhook) -> None:
    async with hooks.desk.notify.work() as work:
        await commands.enable(work, await commands.own(work, webhook.id, None, lock=True))
        await work.commit()


async def replay(hooks: WebhookDesk, webhook: Webhook, **ago: float) -> int:
    async with hooks.desk.notify.work() as work:
        since = hooks.clock.now() - timedelta(**ago)
        count, more = await commands.replay(work, webhook, since=since, now=hooks.clock.now())
        await work.commit()
    assert more is None
    return count


async def test_410_disables_and_what_happens_meanwhile_waits_for_enabling(
    hooks: WebhookDesk, receiver: Receiver
) -> None:
    webhook = await hooks.register(receiver.url())
    receiver.habit = "410"
    await hooks.desk.hear([Life("gone").received()])
    async with hooks.sender() as sender:
        await hooks.run(sender)
        gone = await hooks.webhook(webhook.id)
        assert (gone.state, gone.reason) == (WebhookState.DISABLED, WhyDisabled.GONE)
        await hooks.desk.hear([Life("later").received()])
        hooks.clock.advance(DAY)
        await hooks.run(sender)
        assert len(receiver.calls) == 1, "it wanted no more"
        receiver.habit = "204"
        await enable(hooks, webhook)
        await hooks.run(sender)
    assert len(set(receiver.ids)) == 2
    with pytest.raises(WebhookNotAllowed):
        await enable(hooks, webhook)


async def test_the_breaker_delays_and_spends_no_attempt(hooks: WebhookDesk, receiver: Receiver) -> None:
    await hooks.register(receiver.url())
    receiver.habit = "500"
    lives = [Life(f"broken {number}") for number in range(20)]
    await hooks.desk.hear([life.received() for life in lives])
    async with hooks.sender() as sender:
        await hooks.run(sender)
        called = len(receiver.calls)
        assert OPENS_AFTER <= called <= OPENS_AFTER + 4
        for _ in range(3):
            hooks.clock.advance(31)
            await hooks.run(sender)
            called += 1
            assert len(receiver.calls) == called, "one probe at a time"
        assert len(await hooks.attempts()) == called
        receiver.habit = "204"
        for _ in range(4):
            hooks.clock.advance(2 * 3600)
            await hooks.run(sender)
    assert len(receiver.ids) == len(set(receiver.ids)) == 20


async def test_retry_after_is_honoured_for_the_whole_webhook(hooks: WebhookDesk, receiver: Receiver) -> None:
    await hooks.register(receiver.url())
    receiver.script, receiver.headers = ["429"], {"Retry-After": "300"}
    await hooks.desk.hear([Life("busy").received()])
    async with hooks.sender() as sender:
        await hooks.run(sender)
        await hooks.desk.hear([Life("busier").received()])
        hooks.clock.advance(290)
        await hooks.run(sender)
        assert len(receiver.calls) == 1
        hooks.clock.advance(400)
        await hooks.run(sender)
    assert len(receiver.ids) == 2


async def test_one_that_is_not_taken_holds_up_no_other_of_its_contact(hooks: WebhookDesk, receiver: Receiver) -> None:
    await hooks.register(receiver.url())
    receiver.script = ["500"]
    life = Life("stuck")
    await hooks.desk.hear([life.received(), life.opened(), life.closed()])
    async with hooks.sender() as sender:
        await hooks.run(sender)
        assert [call.content["data"]["sequence"] for call in receiver.accepted] == [2, 3]
        hooks.clock.advance(60)
        await hooks.run(sender)
    assert [call.content["data"]["sequence"] for call in receiver.accepted] == [2, 3, 1]


async def test_what_nobody_took_for_days_is_given_up_visibly_and_replayed_under_the_same_ids(
    hooks: WebhookDesk, receiver: Receiver
) -> None:
    webhook = await hooks.register(receiver.url())
    taken, given_up = Life("taken"), Life("given up")
    await hooks.desk.hear([taken.received()])
    async with hooks.sender() as sender:
        await hooks.run(sender)
        receiver.habit = "503"
        await hooks.desk.hear([given_up.received()])
        await hooks.run(sender)
        hooks.clock.advance(6 * DAY)
        await sender.tidy()
        assert sorted(await hooks.states()) == ["accepted", "given_up"]
        failing = await hooks.webhook(webhook.id)
        assert (failing.state, failing.reason) == (WebhookState.DISABLED, WhyDisabled.FAILING)
        said = sender.metrics.exposition().decode()
        assert "mash_webhook_given_up_total 1.0" in said
        assert "mash_webhook_given_up_now 1.0" in said
        assert 'mash_webhooks{state="disabled"} 1.0' in said
        receiver.habit = "204"
        await enable(hooks, webhook)
        assert await replay(hooks, webhook, days=7) == 2
        assert await replay(hooks, webhook, days=7) == 0, "what is on its way is not sent twice"
        hooks.clock.advance(60)
        await hooks.run(sender)
        first, *again = receiver.ids
        assert len(again) == 2
        assert first in again
        hooks.clock.advance(31 * DAY)
        await sender.tidy()
    assert await hooks.desk.rows("SELECT * FROM webhook_events") == []
    assert await hooks.attempts() == []


async def test_a_name_that_comes_to_lead_elsewhere_is_not_followed(hooks: WebhookDesk, receiver: Receiver) -> None:
    await hooks.register(receiver.url())
    answers = {"addresses": ["127.0.0.1"]}

    async def rebound(host: str, port: int) -> list[str]:
        del host, port
        return answers["addresses"]

    hooks.post.guard._resolve = rebound
    await hooks.desk.hear([Life("before").received()])
    async with hooks.sender() as sender:
        await hooks.run(sender)
        for number, address in enumerate(("169.254.169.254", "10.0.0.8", "::ffff:127.0.0.1", "fd00:ec2::254")):
            answers["addresses"] = ["127.0.0.1", address]
            await hooks.desk.hear([Life(f"after {number}").received()])
            await hooks.run(sender)
    assert len(receiver.calls) == 1, "one address that may not be connected to refuses them all"
    assert {row["code"] for row in await hooks.attempts()} == {"http_204", "address_refused"}
