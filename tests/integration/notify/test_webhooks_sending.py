"""What happens to a contact reaches its organisation's webhooks, signed, once each, in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from services.notify.adapters.channels.webhook_words import new_secret
from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands import webhooks as commands
from services.notify.domain.policy.webhook_answers import AT_ONCE_A_HOST
from tests.support.builders_notify import REFERENCE, Life
from tests.support.receivers import NAME, Receiver, authority, receiving

from .conftest import Desk
from .webhook_desk import WebhookDesk


@pytest.fixture
async def hooks(desk: Desk) -> WebhookDesk:
    return WebhookDesk(desk)


async def test_a_contacts_life_is_told_in_order_in_ids_and_words(hooks: WebhookDesk, receiver: Receiver) -> None:
    await hooks.register(receiver.url())
    life = Life("told")
    await hooks.desk.hear([life.received(), life.rated(), life.opened(), life.decided(), life.closed()])
    await hooks.desk.deliver()
    async with hooks.sender() as sender:
        await hooks.run(sender)
    told = [call.content for call in receiver.accepted]
    types = [each["type"] for each in told]
    assert types[:4] == ["contact.received", "contact.opened", "contact.decided", "contact.closed"]
    assert set(types[4:]) == {"contact.acknowledged", "contact.informed"}
    assert [each["data"]["sequence"] for each in told] == [1, 2, 3, 4, 5, 6]
    for each in told:
        assert each["data"].keys() == {"contact_id", "reference", "sequence", "timeline"}
        assert each["data"]["reference"] == REFERENCE
        assert each["data"]["timeline"].endswith(f"/v1/contacts/{life.id}/timeline")
    assert all(len(call.body) < 2000 for call in receiver.accepted)
    assert set(receiver.sni) == {NAME}, "the name is asked for, although the address is connected to"
    assert {call.headers["host"] for call in receiver.calls} == {f"{NAME}:{receiver.port}"}


async def test_what_is_heard_twice_or_restated_is_told_once(hooks: WebhookDesk, receiver: Receiver) -> None:
    await hooks.register(receiver.url())
    life = Life("again")
    decided = life.decided()
    await hooks.desk.hear([life.received(), life.restated(), decided])
    await hooks.desk.hear([decided, life.case_restated(opened=False, pages=False, decided=1)])
    async with hooks.sender() as sender:
        await hooks.run(sender)
    types = [call.content["type"] for call in receiver.accepted]
    assert types == ["contact.received", "contact.decided"]


async def test_the_standards_library_verifies_both_secrets_while_they_rotate(
    hooks: WebhookDesk, receiver: Receiver
) -> None:
    webhook = await hooks.register(receiver.url())
    first = webhook.secret
    async with hooks.desk.notify.work() as work:
        await commands.rotate(work, webhook, secret=new_secret(), now=hooks.clock.now())
        await work.commit()
    await hooks.desk.hear([Life("rotated").received()])
    async with hooks.sender() as sender:
        await hooks.run(sender)
    (call,) = receiver.accepted
    for secret in (first, webhook.secret):
        assert Verifier(secret).verify(call.body, call.headers)["type"] == "contact.received"
    with pytest.raises(WebhookVerificationError):
        Verifier(new_secret()).verify(call.body, call.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(first).verify(call.body + b" ", call.headers)
    hooks.clock.advance(24 * 3600 + 1)
    assert (await hooks.webhook(webhook.id)).secrets(hooks.clock.now()) == (webhook.secret,)


async def test_each_organisation_hears_of_its_own_and_what_it_asked_for(
    hooks: WebhookDesk, receiver: Receiver, tmp_path: Path
) -> None:
    async with receiving(authority().server(tmp_path)) as stranger, receiving(authority().server(tmp_path)) as other:
        await hooks.register(stranger.url(), organisation="another")
        await hooks.register(other.url(), events=("contact.closed",))
        await hooks.register(receiver.url())
        life = Life("own")
        await hooks.desk.hear([life.received(), life.closed()])
        async with hooks.sender() as sender:
            await hooks.run(sender)
        assert [call.content["type"] for call in receiver.accepted] == ["contact.received", "contact.closed"]
        assert [call.content["type"] for call in other.accepted] == ["contact.closed"]
        assert stranger.calls == []
    assert set(other.ids) < set(receiver.ids), "the same event has the same id wherever it goes"


async def test_nothing_is_kept_where_nobody_listens(hooks: WebhookDesk) -> None:
    life = Life("unheard")
    await hooks.desk.hear([life.received(), life.opened()])
    assert await hooks.desk.rows("SELECT * FROM webhook_events") == []


async def test_an_erased_contact_leaves_nothing(hooks: WebhookDesk, receiver: Receiver) -> None:
    await hooks.register(receiver.url())
    life, batch = Life("erased"), Life("erased at once")
    await hooks.desk.hear([life.received(), life.opened()])
    async with hooks.sender() as sender:
        await hooks.run(sender)
    await hooks.desk.hear([life.erased(), batch.received(), batch.erased()])
    for table in ("webhook_events", "webhook_deliveries", "webhook_attempts"):
        assert await hooks.desk.rows(f"SELECT * FROM {table}") == [], table


async def test_killed_between_sending_and_recording_it_is_sent_again_under_the_same_id(
    hooks: WebhookDesk, receiver: Receiver
) -> None:
    await hooks.register(receiver.url())
    await hooks.desk.hear([Life("killed").received()])
    dying = hooks.sender()
    parcels = await dying._lease()
    answer = await dying._call(parcels[0].webhook, parcels[0].event)  # and here the process ends
    assert answer.status == 204
    async with hooks.sender() as sender:
        await hooks.run(sender)
        assert len(receiver.accepted) == 1, "the lease still holds"
        hooks.clock.advance(61)
        await hooks.run(sender)
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
    assert [row["ended_at"] is None for row in await hooks.attempts()] == [True, False]
    assert await hooks.states() == ["accepted"]


async def test_a_lease_that_was_not_committed_takes_no_place_at_the_host(
    hooks: WebhookDesk, receiver: Receiver
) -> None:
    await hooks.register(receiver.url())
    await hooks.desk.hear([Life(f"waiting {number}").received() for number in range(AT_ONCE_A_HOST)])
    async with hooks.sender() as sender:
        open_work = sender.open_work

        def failing() -> NotifyUnitOfWork:
            sender.open_work, work = open_work, open_work()
            work.commit = connection_lost  # type: ignore[method-assign]
            return work

        sender.open_work = failing
        with pytest.raises(ConnectionError):
            await sender.send_due()
        await hooks.run(sender)
    assert await hooks.states() == ["accepted"] * AT_ONCE_A_HOST


async def connection_lost() -> None:
    raise ConnectionError
