"""An organisation that is told by webhook alone reads the words here; nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from services.notify.application.ports import Recipient
from services.notify.domain.model import State
from services.notify.entrypoints.api import make_app
from shared.contracts.notify import ReferrerInformed
from shared.contracts.parts import ReferrerKind
from tests.support.builders_asking import AskedLife
from tests.support.builders_notify import REFERENCE, Life
from tests.support.issuers import Issuers
from tests.support.receivers import Receiver

from .conftest import Desk
from .webhook_desk import ORGANISATION, WebhookDesk


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    issuers = Issuers()
    desk.notify.platform.verifier = issuers.verifier
    transport = httpx2.ASGITransport(make_app(desk.notify), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://notify") as client:
        client.headers["X-Partner"] = issuers.partner(ORGANISATION)
        client.headers["X-Other"] = issuers.partner("another")
        yield client


async def read(http: httpx2.AsyncClient, message_id: str, who: str = "X-Partner") -> httpx2.Response:
    token = http.headers[who]
    return await http.get(f"/v1/notifications/{message_id}/letter", headers={"Authorization": f"Bearer {token}"})


async def test_an_outcome_is_noticed_by_webhook_and_read_by_its_organisation_alone(
    desk: Desk, http: httpx2.AsyncClient, receiver: Receiver
) -> None:
    hooks = WebhookDesk(desk)
    await hooks.register(receiver.url(), events=("message.available",))
    life = Life("told by webhook", has_address=False)
    await desk.hear([life.received(), life.decided()])
    courier = desk.notify.courier({"webhook": desk.notify.webhook_channel()})
    courier.addressing.book = desk.book
    desk.book.answer = Recipient(email=None, mobile=None, sender_reference="SCH/2026/14")
    await courier.deliver_due()
    (sent,) = await desk.rows("SELECT id, state FROM messages WHERE kind = 'outcome'")
    assert sent["state"] == State.SENT.value
    (informed,) = [event for event in await desk.said() if isinstance(event, ReferrerInformed)]
    assert (informed.delivery.channel, informed.delivery.proof.value) == ("webhook", "accepted")
    (notice,) = [call.content for call in receiver.accepted if call.content["data"]["message"] == "outcome"]
    words = desk.notify.platform.pack.outcomes["early_help"].plain_words
    assert words not in str(notice)
    answer = await read(http, str(sent["id"]))
    assert answer.status_code == 200, answer.text
    assert answer.json()["reference"] == REFERENCE
    assert words in answer.json()["body"]
    assert (await read(http, str(sent["id"]), "X-Other")).status_code == 404


async def test_what_the_public_is_told_is_not_for_an_organisation(desk: Desk, http: httpx2.AsyncClient) -> None:
    life = Life("a neighbour", referrer=ReferrerKind.PUBLIC)
    await desk.hear([life.received()])
    (message,) = await desk.rows("SELECT id FROM messages WHERE kind = 'acknowledgement'")
    assert (await read(http, str(message["id"]))).status_code == 404


async def test_the_answer_to_a_challenge_stays_readable_once_the_decision_is_revised(
    desk: Desk, http: httpx2.AsyncClient
) -> None:
    life = AskedLife("challenged")
    await desk.hear([life.received(), life.rated("amber", pages=False), life.decided()])
    await desk.hear([life.challenge_answered("upheld", "threshold_s17")])
    await desk.deliver()
    await desk.hear([life.revised(outcome="s17_assessment")])
    (sent,) = await desk.rows("SELECT id, tells FROM messages WHERE kind = 'answer'")
    answer = await read(http, str(sent["id"]))
    assert answer.status_code == 200, answer.text
    pack = desk.notify.platform.pack
    assert "We agree with you." in answer.json()["body"]
    assert pack.outcomes["s17_assessment"].plain_words in answer.json()["body"]
    assert pack.outcomes["early_help"].plain_words not in answer.json()["body"]
    (kept,) = await desk.rows("SELECT id, tells FROM messages WHERE kind = 'answer'")
    assert kept == sent, "reading it changes nothing"
    (first,) = await desk.rows("SELECT id FROM messages WHERE kind = 'outcome' AND state = 'sent'")
    assert (await read(http, str(first["id"]))).status_code == 410
