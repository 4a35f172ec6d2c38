"""Our adapter of GOV.UK Notify and the official client, against the same provider: they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from services.notify.adapters.channels.govuk_notify import ApiKey, GovukNotify, GovukNotifyChannel, failure_of
from services.notify.application.ports import Accepted, HandedOver, Letter, Refused, SendResult, TryLater, Why
from services.notify.domain.model import Verdict
from shared.clock import FixedClock, SystemClock
from shared.settings import Secret, SettingInvalid
from tests.support.builders_notify import EMAIL, NOON
from tests.support.govuk_notify import EMAIL_TEMPLATE, KEY, SERVICE, SMS_TEMPLATE, FakeNotify, in_process, served

MOBILE = "+447700900123"
TEMPLATES = {"email": EMAIL_TEMPLATE, "sms": SMS_TEMPLATE}
ADDRESSES = {"email": EMAIL, "sms": MOBILE}


@pytest.fixture
def fake() -> FakeNotify:
    return FakeNotify(url="http://notify.example.org")


@pytest.fixture
def official(fake: FakeNotify) -> Iterator[Any]:
    with served(fake):
        yield NotificationsAPIClient(KEY, base_url=fake.url, timeout=5)


def a_letter(kind: str = "email", **changed: Any) -> Letter:
    said: dict[str, Any] = {
        "message_id": uuid4(),
        "to": ADDRESSES[kind],
        "subject": "We have your contact",
        "body": "Thank you.\n",
        "template_hash": "abc",
    }
    return Letter(**{**said, **changed})


def adapter(fake: FakeNotify, key: str = KEY, clock: Any = None) -> GovukNotify:
    read = ApiKey.read(Secret(key))
    return GovukNotify(in_process(fake), url=fake.url, key=read, clock=clock or SystemClock())


async def send(fake: FakeNotify, letter: Letter, kind: str = "email", **how: Any) -> SendResult:
    return await GovukNotifyChannel(adapter(fake, **how), name=kind, template_id=TEMPLATES[kind]).send(letter)


@pytest.mark.parametrize("kind", ["email", "sms"])
async def test_we_ask_for_exactly_what_the_official_client_asks(fake: FakeNotify, official: Any, kind: str) -> None:
    letter = a_letter(kind)
    result = await send(fake, letter, kind)
    theirs: dict[str, Any] = {"template_id": TEMPLATES[kind], "reference": str(letter.message_id)}
    if kind == "email":
        words = {"subject": letter.subject, "body": letter.body}
        answer = official.send_email_notification(
            letter.to, personalisation=words, sanitise_content_for=["body", "subject"], **theirs
        )
    else:
        answer = official.send_sms_notification(letter.to, personalisation={"body": letter.body}, **theirs)
    (_, ours), (_, others) = fake.asked
    assert ours == others
    assert isinstance(result, HandedOver)
    assert answer["reference"] == str(letter.message_id)
    # and each finds what the other has sent
    receipt = await adapter(fake).receipt(answer["id"])
    assert receipt is not None
    assert receipt.verdict is Verdict.UNDERWAY
    assert official.get_notification_by_id(result.provider_id)["status"] == "created"
    found = official.get_all_notifications(reference=str(letter.message_id))["notifications"]
    assert {one["id"] for one in found} == {answer["id"], result.provider_id}


@pytest.mark.parametrize(
    ("trouble", "limits", "result"),
    [
        ([500], {}, TryLater("govuk_500", why=Why.HOST)),
        ([503], {}, TryLater("govuk_503", why=Why.HOST)),
        ([403], {}, TryLater("govuk_403", why=Why.OURS)),
        ([400], {}, TryLater("govuk_400", why=Why.OURS)),
        ([], {"limit": 0}, TryLater("govuk_RateLimitError", 60)),
        ([], {"daily": 0}, TryLater("govuk_TooManyRequestsError", 60, Why.OURS)),
    ],
)
async def test_what_the_official_client_raises_we_tell_apart(
    fake: FakeNotify, official: Any, trouble: list[int | str], limits: dict[str, int], result: object
) -> None:
    for name, value in limits.items():
        setattr(fake, name, value)
    fake.trouble = [*trouble, *trouble]
    assert await send(fake, a_letter()) == result
    with pytest.raises(HTTPError) as raised:
        official.send_email_notification(EMAIL, EMAIL_TEMPLATE, personalisation={"subject": "s", "body": "b"})
    assert str(raised.value.status_code) in {"400", "403", "429", "500", "503"}
    assert fake.kept == {}


async def test_a_wrong_key_a_wrong_clock_and_a_wrong_template_drop_nothing(fake: FakeNotify) -> None:
    other = f"made_up-{SERVICE}-{uuid4()}"
    assert await send(fake, a_letter(), key=other) == TryLater("govuk_403", why=Why.OURS)
    assert await send(fake, a_letter(), clock=FixedClock(NOON.replace(year=2020))) == TryLater(
        "govuk_403", why=Why.OURS
    )
    wrong = GovukNotifyChannel(adapter(fake), name="email", template_id=SMS_TEMPLATE)
    assert await wrong.send(a_letter()) == TryLater("govuk_400", why=Why.OURS)


async def test_an_address_the_provider_refuses_is_refused(fake: FakeNotify) -> None:
    assert await send(fake, a_letter(to="not an address")) == Refused("address_unusable")
    assert await send(fake, a_letter("sms", to="01632 960000"), "sms") == Refused("address_unusable")
    assert await send(fake, a_letter("sms", body="x" * 919), "sms") == Refused("text_too_long")
    assert fake.requests == 0
    answer = await adapter(fake).ask(
        "POST", "/v2/notifications/email", json={"email_address": "nobody", "template_id": EMAIL_TEMPLATE}
    )
    assert failure_of(answer) == Refused("govuk_ValidationError")


async def test_a_timeout_sends_nothing_twice(fake: FakeNotify) -> None:
    letter = a_letter()
    fake.trouble = ["hang"]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(fake, letter), 0.2)
    assert len(fake.kept) == 1  # it has it, and we do not know
    again = await send(fake, replace(letter, again=True))
    (provider_id,) = fake.kept
    assert again == HandedOver(provider_id)
    fake.becomes(provider_id, "delivered")
    assert await send(fake, replace(letter, again=True)) == Accepted(provider_id=provider_id, receipt="delivered")
    assert len(fake.asked) == 1


@pytest.mark.parametrize("status", ["created", "delivered"])
@pytest.mark.parametrize(("kind", "other"), [("email", "mended@example.org"), ("sms", "+447700900124")])
async def test_a_letter_to_another_recipient_is_another_letter(
    fake: FakeNotify, kind: str, other: str, status: str
) -> None:
    letter = a_letter(kind)
    first = await send(fake, letter, kind)
    assert isinstance(first, HandedOver)
    fake.becomes(first.provider_id, status)
    second = await send(fake, replace(letter, to=other, again=True), kind)
    assert isinstance(second, HandedOver)
    assert second != first
    assert await send(fake, replace(letter, to=other, again=True), kind) == second
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    ("kind", "written"),
    [("email", EMAIL.upper()), ("sms", "07700 900123"), ("sms", "447700900123"), ("sms", "0044 7700 900123")],
)
async def test_the_same_recipient_is_known_however_it_is_written(fake: FakeNotify, kind: str, written: str) -> None:
    letter = a_letter(kind)
    first = await send(fake, letter, kind)
    (one,) = fake.kept.values()
    one["email_address" if kind == "email" else "phone_number"] = written
    assert await send(fake, replace(letter, again=True), kind) == first


@pytest.mark.parametrize("status", ["permanent-failure", "temporary-failure", "technical-failure"])
async def test_what_has_failed_there_is_sent_again(fake: FakeNotify, status: str) -> None:
    letter = a_letter()
    first = await send(fake, letter)
    assert isinstance(first, HandedOver)
    fake.becomes(first.provider_id, status)
    second = await send(fake, replace(letter, again=True))
    assert isinstance(second, HandedOver)
    assert second != first


async def test_nothing_is_sent_again_while_it_cannot_be_looked_up(fake: FakeNotify) -> None:
    fake.trouble = [500]
    assert await send(fake, a_letter(again=True)) == TryLater("govuk_500", why=Why.HOST)
    assert fake.asked == []


@pytest.mark.parametrize(
    ("to", "verdict"),
    [
        ("temp-fail@simulator.notify", Verdict.NOT_NOW),
        ("perm-fail@simulator.notify", Verdict.REFUSED),
        (EMAIL, Verdict.DELIVERED),
    ],
)
async def test_the_simulators_say_what_came_of_it(fake: FakeNotify, to: str, verdict: Verdict) -> None:
    result = await send(fake, a_letter(to=to))
    assert isinstance(result, HandedOver)
    fake.becomes(result.provider_id)
    receipt = await adapter(fake).receipt(result.provider_id)
    assert receipt is not None
    assert (receipt.verdict, receipt.provider_id) == (verdict, result.provider_id)


async def test_a_smoke_address_is_taken_and_never_heard_of_again(fake: FakeNotify) -> None:
    result = await send(fake, a_letter(to="simulate-delivered@notifications.service.gov.uk"))
    assert isinstance(result, HandedOver)
    assert await adapter(fake).receipt(result.provider_id) is None


async def test_links_among_others_words_are_defused_and_our_own_stay_live(fake: FakeNotify) -> None:
    await send(fake, a_letter())
    await send(fake, a_letter(live_links=True))
    (_, defused), (_, live) = fake.asked
    assert defused["sanitise_content_for"] == ["body", "subject"]
    assert "sanitise_content_for" not in live


async def test_nobody_listening_is_the_hosts_fault() -> None:
    away = FakeNotify(url="http://127.0.0.1:1")
    async with httpx2.AsyncClient() as http:
        notify = GovukNotify(http, url=away.url, key=ApiKey.read(Secret(KEY)), clock=SystemClock())
        result = await GovukNotifyChannel(notify, name="email", template_id=EMAIL_TEMPLATE).send(a_letter())
    assert result == TryLater("connection_ConnectError", why=Why.HOST)
    assert notify.host == "127.0.0.1:1"


def test_a_key_that_is_none_is_named_and_not_repeated() -> None:
    with pytest.raises(SettingInvalid) as refused:
        ApiKey.read(Secret("hunter2"))
    assert "hunter2" not in str(refused.value)
