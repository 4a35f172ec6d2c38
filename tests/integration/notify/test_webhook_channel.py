"""A referrer's message as a notice to their organisation's webhook."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.notify.application.ports import Accepted, Letter, Refused, TryLater, Why
from services.notify.domain.model.webhook import WebhookState
from tests.support.builders_notify import REFERENCE, Life
from tests.support.receivers import Receiver

from .conftest import Desk
from .webhook_desk import ORGANISATION, WebhookDesk

WORDS = "Words that stay here"


@pytest.fixture
async def hooks(desk: Desk) -> WebhookDesk:
    return WebhookDesk(desk)


async def letter(desk: Desk, life: Life) -> Letter:
    """The letter of a contact's acknowledgement, addressed to an organisation."""
    await desk.hear([life.received()])
    found = await desk.rows("SELECT id FROM messages WHERE kind = 'acknowledgement' AND contact_id = :id", id=life.id)
    message_id: UUID = found[0]["id"]
    return Letter(message_id=message_id, to=ORGANISATION, subject=WORDS, body=WORDS, template_hash="")


async def test_a_notice_says_that_there_is_a_message_and_nothing_of_it(hooks: WebhookDesk, receiver: Receiver) -> None:
    directory, channel = hooks.desk.notify.organisation_webhooks(), hooks.desk.notify.webhook_channel()
    assert not await directory.takes_messages(ORGANISATION)
    await hooks.register(receiver.url(), events=("message.available",))
    assert await directory.takes_messages(ORGANISATION)
    assert not await directory.takes_messages("another")
    life = Life("noticed")
    sent = await letter(hooks.desk, life)
    assert await channel.send(sent) == Accepted()
    assert await channel.send(sent) == Accepted()
    first, again = receiver.accepted
    assert first.id == again.id == str(sent.message_id)
    assert first.body == again.body
    assert WORDS.encode() not in first.body
    assert first.content["type"] == "message.available"
    assert first.content["data"] == {
        "contact_id": str(life.id),
        "message": "acknowledgement",
        "message_id": str(sent.message_id),
        "reference": REFERENCE,
        "timeline": first.content["data"]["timeline"],
    }


async def test_failures_are_told_apart(hooks: WebhookDesk, receiver: Receiver) -> None:
    channel = hooks.desk.notify.webhook_channel()
    sent = await letter(hooks.desk, Life("failing"))
    assert await channel.send(sent) == Refused("no_webhook")
    webhook = await hooks.register(receiver.url())
    receiver.script, receiver.headers = ["503", "404", "reset"], {"Retry-After": "30"}
    assert await channel.send(sent) == TryLater("http_503", 30, Why.HOST)
    assert await channel.send(sent) == TryLater("http_404", 30, Why.HOST)
    assert await channel.send(sent) == TryLater("connection_lost", why=Why.HOST)
    receiver.headers, receiver.habit = {}, "410"
    assert await channel.send(sent) == Refused("webhook_gone")
    assert (await hooks.webhook(webhook.id)).state is WebhookState.DISABLED
    assert await channel.send(sent) == Refused("no_webhook")
    unknown = Letter(message_id=uuid4(), to=ORGANISATION, subject="", body="", template_hash="")
    await hooks.register(receiver.url("/other"))
    assert await channel.send(unknown) == Refused("no_message")
