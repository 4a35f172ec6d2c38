"""A message that a provider passes on: handed over, and proven or failed by its receipts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.notify.adapters.channels.asking import ReceiptAsker
from services.notify.adapters.channels.govuk_notify import ApiKey, GovukNotify, GovukNotifyChannel
from services.notify.application.commands.delivering import ask_for_person
from services.notify.application.ports import Recipient
from services.notify.bootstrap import Notify, open_notify
from services.notify.entrypoints.api import make_app
from services.notify.settings import GovukNotifySettings, NotifySettings
from shared.clock import SystemClock
from shared.contracts.notify import DeliveryFailed, Proof, ReferrerAcknowledged
from shared.settings import Secret
from tests.support.builders_notify import EMAIL, NOON, Life
from tests.support.fakes_outside import ScriptedAddressBook
from tests.support.govuk_notify import EMAIL_TEMPLATE, KEY, SMS_TEMPLATE, FakeNotify, in_process

from .conftest import Desk

TOKEN = "a token that we made up for the provider"
MOBILE = "+447700900123"
PATH = "/v1/receipts/govuk-notify"


@dataclass
class Post:
    """Notify with GOV.UK Notify behind it, and the provider's end of the receipts."""

    desk: Desk
    fake: FakeNotify
    api: httpx2.AsyncClient

    def channel(self, name: str) -> GovukNotifyChannel:
        notify = GovukNotify(
            in_process(self.fake), url=self.fake.url, key=ApiKey.read(Secret(KEY)), clock=SystemClock()
        )
        return GovukNotifyChannel(notify, name=name, template_id={"email": EMAIL_TEMPLATE, "sms": SMS_TEMPLATE}[name])

    async def deliver(self) -> None:
        await self.desk.courier(self.channel("email"), sms=self.channel("sms")).deliver_due()

    async def ask(self) -> None:
        providers = {name: self.channel(name) for name in ("email", "sms")}
        desk = self.desk
        await ReceiptAsker(open_work=desk.notify.work, providers=providers, clock=desk.clock, chance=lambda: 0.5).ask()

    async def call_back(self, status: str | None = None, *, number: int = 0, **changed: Any) -> int:
        body = self.fake.becomes(list(self.fake.kept)[number], status) | changed
        return (await self.api.post(PATH, json=body, headers={"Authorization": f"Bearer {TOKEN}"})).status_code

    async def message(self) -> Any:
        (row,) = await self.desk.rows("SELECT state, reason, channel, attempts FROM messages")
        return tuple(row.values())


@pytest.fixture
def notify_settings(notify_settings: NotifySettings) -> NotifySettings:
    govuk = GovukNotifySettings(
        url="http://notify.example.org",
        api_key=Secret(KEY),
        email_template_id=EMAIL_TEMPLATE,
        sms_template_id=SMS_TEMPLATE,
        callback_token=Secret(TOKEN),
    )
    return replace(notify_settings, channel="govuk-notify", govuk_notify=govuk)


@pytest.fixture
async def post(desk: Desk) -> AsyncIterator[Post]:
    desk.book = ScriptedAddressBook(Recipient(email=EMAIL, mobile=MOBILE, sender_reference=None))
    desk.notify.platform.clock = desk.clock  # type: ignore[assignment]  # what is heard, and tried again, at our time
    transport = httpx2.ASGITransport(make_app(desk.notify), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://notify") as api:
        post = Post(desk, FakeNotify(url="http://notify.example.org"), api)
        await desk.hear([Life().received()])
        await post.deliver()
        yield post


async def test_taken_is_no_proof_and_delivered_is(post: Post) -> None:
    assert await post.message() == ("handed_over", None, "email", 1)
    assert await post.desk.said() == []
    assert await post.call_back() == 204
    assert await post.message() == ("sent", None, "email", 1)
    (said,) = await post.desk.said()
    assert isinstance(said, ReferrerAcknowledged)
    delivery = said.delivery
    assert (delivery.proof, delivery.channel, delivery.receipt) == (Proof.ACCEPTED, "email", "delivered")
    (attempt,) = await post.desk.rows("SELECT outcome, provider_id, receipt, receipt_at FROM attempts")
    assert (attempt["outcome"], attempt["receipt"]) == ("handed_over", "delivered")
    assert attempt["provider_id"] in post.fake.kept
    assert attempt["receipt_at"] is not None


async def test_a_receipt_again_changes_nothing(post: Post) -> None:
    assert [await post.call_back(), await post.call_back()] == [204, 204]
    assert len(await post.desk.said()) == 1


async def test_an_address_that_never_will_means_the_next_channel_at_once(post: Post) -> None:
    await post.call_back("permanent-failure")
    assert await post.message() == ("retrying", "permanent-failure", "email", 1)
    await post.deliver()
    assert await post.message() == ("handed_over", None, "sms", 2)
    assert [kind for kind, _ in post.fake.asked] == ["email", "sms"]
    await post.call_back("permanent-failure", number=1)
    assert (await post.message())[0] == "needs_person"
    (failed,) = await post.desk.said()
    assert isinstance(failed, DeliveryFailed)
    assert (failed.channel, failed.reason_code, failed.attempts) == ("sms", "permanent-failure", 2)


@pytest.mark.parametrize("status", ["temporary-failure", "technical-failure"])
async def test_not_for_now_means_the_same_channel_later(post: Post, status: str) -> None:
    await post.call_back(status)
    assert await post.message() == ("retrying", status, "email", 1)
    post.desk.clock.advance(5)
    await post.deliver()
    assert await post.message() == ("handed_over", None, "email", 2)
    assert len(post.fake.asked) == 2
    await post.call_back("permanent-failure", number=0)  # of the older attempt: history
    assert await post.message() == ("handed_over", None, "email", 2)
    await post.call_back(number=0)  # which did arrive after all: a fact
    assert (await post.message())[0] == "sent"


async def test_without_a_receipt_the_provider_is_asked(post: Post) -> None:
    post.fake.becomes(next(iter(post.fake.kept)))
    await post.ask()
    assert (await post.message())[0] == "handed_over"  # it is too soon
    post.desk.clock.advance(120)
    await post.ask()
    assert (await post.message())[0] == "sent"


async def test_after_four_hours_without_one_the_second_channel_and_after_eight_a_person(post: Post) -> None:
    post.desk.clock.advance(120)
    await post.desk.business_time(NOON + timedelta(hours=4))
    await post.ask()
    assert await post.message() == ("retrying", "no_receipt", "email", 1)
    await post.deliver()
    assert await post.message() == ("handed_over", None, "sms", 2)
    await post.desk.business_time(NOON + timedelta(hours=8))
    async with post.desk.notify.work() as work:
        await ask_for_person(work, most=10)
        await work.commit()
    assert await post.message() == ("needs_person", "no_receipt", "sms", 2)
    await post.call_back(number=0)
    assert (await post.message())[0] == "sent"


async def test_sent_again_to_a_mended_address_it_goes_there_though_the_old_one_is_under_way(post: Post) -> None:
    mended = "jo.mended@example.org"
    post.desk.book.answer = Recipient(email=mended, mobile=None, sender_reference=None)
    await post.desk.business_time(NOON + timedelta(hours=8))
    async with post.desk.notify.work() as work:
        await ask_for_person(work, most=10)
        await work.commit()
    async with post.desk.notify.work() as work:
        await work.lock([Life().id])
        (message,) = work.messages.of(Life().id).values()
        message.resend(work.now)
        await work.commit()
    await post.deliver()
    assert await post.message() == ("handed_over", None, "email", 2)
    assert [said["email_address"] for _, said in post.fake.asked] == [EMAIL, mended]


async def test_a_failure_after_the_proof_is_a_persons_and_no_second_proof_is_said(post: Post) -> None:
    await post.call_back()
    await post.call_back("permanent-failure")
    assert (await post.message())[:2] == ("needs_person", "permanent-failure")
    assert [type(one) for one in await post.desk.said()] == [ReferrerAcknowledged, DeliveryFailed]
    await post.call_back()
    assert (await post.message())[0] == "sent"
    assert len(await post.desk.said()) == 2


async def test_only_the_providers_own_token_is_believed(post: Post) -> None:
    body = post.fake.becomes(next(iter(post.fake.kept)))
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = await post.api.post(PATH, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await post.message())[0] == "handed_over"


@pytest.mark.parametrize("reference", [None, "somebody else's", "740e5834-3a29-46b4-9a6f-16142fde533a"])
async def test_what_is_not_ours_is_not_found(post: Post, reference: str | None) -> None:
    assert await post.call_back(reference=reference) == 404
    assert (await post.message())[0] == "handed_over"


async def test_no_address_is_kept_or_logged_anywhere(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    await post.call_back("permanent-failure")
    await post.deliver()
    await post.call_back(number=1)
    assert MOBILE in {said.get("phone_number") for _, said in post.fake.asked}
    tables = await post.desk.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in (row["tablename"] for row in tables if row["tablename"] != "alembic_version"):
        for row in await post.desk.rows(f'SELECT CAST(t AS text) AS line FROM "{table}" t'):
            for secret in ("jo.referrer", "7700900123"):
                assert secret not in row["line"], table
                assert secret.encode().hex() not in row["line"], table
    (row,) = await post.desk.rows("SELECT masked_address, address_mark FROM messages")
    assert row["masked_address"] == "…123"
    assert bytes(row["address_mark"]) == post.desk.notify.platform.blind_index.of("recipient address", MOBILE)
    printed = capsys.readouterr()
    assert "7700900123" not in printed.out + printed.err
    assert "jo.referrer" not in printed.out + printed.err


async def test_the_settings_open_both_channels(notify_settings: NotifySettings) -> None:
    async with open_notify(notify_settings) as notify:
        assert isinstance(notify, Notify)
        every = {"email", "sms", "webhook"}
        assert {reach: channel.name for reach, channel in notify.channels.items()} == {name: name for name in every}
        assert notify.store.reaches == every
