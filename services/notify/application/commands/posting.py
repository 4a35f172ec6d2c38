"""The steps of a webhook's delivery, each one transaction: lease and note the attempt; record what came of it.

Between them, outside any transaction, the receiver is called.
"""

from __future__ import annotations

from datetime import datetime

from services.notify.application.ports.webhooks import Parcel, WebhookWork
from services.notify.domain.model.webhook import FAILING_FOR, EventType, Webhook, WhyDisabled
from services.notify.domain.model.webhook_delivery import WebhookDelivery
from services.notify.domain.policy.webhook_answers import GIVEN_UP_AFTER, Answer, Verdict, judge, wait_after

NOT_ACCEPTED = "not_accepted_in_time"


async def record(work: WebhookWork, parcel: Parcel, answer: Answer, *, now: datetime, chance: float) -> Verdict:
    """Records what came of an attempt. A failure counts only while the lease holds; an acceptance always does."""
    verdict = judge(answer)
    webhook = await work.webhooks.one(parcel.webhook.id, lock=True)  # always before its deliveries: no deadlock
    if webhook is None:
        return verdict  # deleted meanwhile, and everything of it
    await work.webhook_deliveries.end_attempt(parcel, at=now, outcome=verdict.value, code=answer.code)
    delivery = await work.webhook_deliveries.one(parcel.event.id, webhook.id)
    if delivery is not None:  # else its contact was erased meanwhile
        _settle(delivery, parcel, answer, now=now, chance=chance)
        await work.webhook_deliveries.keep(delivery)
    if parcel.event.kind != EventType.PING or verdict is Verdict.ACCEPTED:  # a test that fails says nothing of the rest
        await note(work, webhook, verdict, now=now)
    return verdict


async def note(work: WebhookWork, webhook: Webhook, verdict: Verdict, *, now: datetime) -> None:
    """What an answer says of the webhook itself: that it works, does not, or is gone. It is locked."""
    before = (webhook.failing_since, webhook.state)
    if verdict is Verdict.ACCEPTED:
        webhook.took(now)
    else:
        webhook.failed(now)
    if verdict is Verdict.GONE:
        webhook.disable(WhyDisabled.GONE, now)
    if verdict is Verdict.ACCEPTED or before != (webhook.failing_since, webhook.state):
        await work.webhooks.keep(webhook)


def _settle(delivery: WebhookDelivery, parcel: Parcel, answer: Answer, *, now: datetime, chance: float) -> None:
    verdict = judge(answer)
    if verdict is Verdict.ACCEPTED:
        delivery.accepted(parcel.token, now)
    elif parcel.event.kind == EventType.PING:
        delivery.give_up(parcel.token, at=now, reason=answer.code)  # a test says what happened, once
    else:
        wait = wait_after(verdict, delivery.attempts, chance=chance, asked=answer.retry_after)
        delivery.try_later(parcel.token, due_at=now + wait, reason=answer.code)


async def disable_failing(work: WebhookWork, *, now: datetime, most: int) -> list[Webhook]:
    """Stops sending to those that have accepted nothing for days; which."""
    failing = await work.webhooks.failing_since(now - FAILING_FOR, most=most)
    disabled = [each for each in failing if each.failing_too_long(now) and each.disable(WhyDisabled.FAILING, now)]
    for webhook in disabled:
        await work.webhooks.keep(webhook)
    return disabled


async def give_up_old(work: WebhookWork, *, now: datetime, most: int) -> int:
    """Ends what nobody accepted for days: kept, shown, counted, and sent again when the partner replays."""
    return await work.webhook_deliveries.give_up(before=now - GIVEN_UP_AFTER, now=now, most=most)
