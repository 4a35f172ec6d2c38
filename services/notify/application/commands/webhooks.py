"""What a partner does with its webhooks: register, rotate, ping, replay, enable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from services.notify.application.ports.webhooks import WebhookWork
from services.notify.domain.model.webhook import EventType, Webhook, WebhookNotAllowed
from services.notify.domain.model.webhook_delivery import PartnerEvent
from services.notify.domain.policy.webhook_answers import KEPT_FOR, MOST_REPLAYED, MOST_WEBHOOKS


class NoSuchWebhook(Exception):
    """Not there, or another organisation's."""


class TooManyWebhooks(Exception):
    """The organisation has as many as it may."""


class AlreadyRegistered(Exception):
    """The organisation has a webhook to this address."""


async def register(
    work: WebhookWork, *, request_id: UUID, organisation: str, url: str, events: Sequence[str], secret: str, by: str,
    now: datetime,
) -> Webhook:  # fmt: skip
    """Keeps a new webhook. Raises TooManyWebhooks and AlreadyRegistered."""
    await work.webhooks.lock_organisation(organisation)
    known = await work.webhooks.of(organisation)
    if any(webhook.url == url for webhook in known):
        raise AlreadyRegistered
    if len(known) >= MOST_WEBHOOKS:
        raise TooManyWebhooks
    webhook = Webhook(
        id=uuid5(request_id, "webhook"),
        organisation=organisation,
        url=url,
        events=tuple(dict.fromkeys(events)),
        secret=secret,
        created_at=now,
        created_by=by,
    )
    await work.webhooks.keep(webhook)
    return webhook


async def own(work: WebhookWork, webhook_id: UUID, organisation: str | None, *, lock: bool = False) -> Webhook:
    """An organisation's webhook (None: anybody's). Raises NoSuchWebhook."""
    webhook = await work.webhooks.one(webhook_id, lock=lock)
    if webhook is None or (organisation is not None and webhook.organisation != organisation):
        raise NoSuchWebhook
    return webhook


async def rotate(work: WebhookWork, webhook: Webhook, *, secret: str, now: datetime) -> None:
    """A new secret signs from now on, the one before beside it for a day. The webhook is locked."""
    webhook.rotate(secret, now)
    await work.webhooks.keep(webhook)


async def ping(work: WebhookWork, webhook: Webhook, *, request_id: UUID, now: datetime) -> PartnerEvent:
    """A test event, tried once. Raises WebhookNotAllowed where we do not send."""
    if not webhook.active:
        raise WebhookNotAllowed("webhook_disabled", webhook.state, "enable, delete, rotate the secret")
    event = PartnerEvent(
        id=uuid5(request_id, "ping"), kind=EventType.PING.value, occurred_at=now, about={"webhook_id": str(webhook.id)}
    )
    await work.webhook_deliveries.add(event, webhook, now=now)
    return event


async def replay(work: WebhookWork, webhook: Webhook, *, since: datetime, now: datetime) -> tuple[int, datetime | None]:
    """Sends again, under the same ids, what was made since then: how many, and from when on there is more."""
    reach = max(since, now - KEPT_FOR)
    return await work.webhook_deliveries.replay(webhook, since=reach, now=now, most=MOST_REPLAYED)


async def enable(work: WebhookWork, webhook: Webhook) -> None:
    """We send again; what was not given up meanwhile goes out. The webhook is locked. Raises WebhookNotAllowed."""
    webhook.enable()
    await work.webhooks.keep(webhook)
