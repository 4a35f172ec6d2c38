"""Addresses asked of intake: of the real one, and of one in trouble."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from services.intake.adapters.repositories import clients
from services.intake.bootstrap import Intake, open_intake
from services.intake.entrypoints.api import make_app
from services.notify.adapters.channels.address_book import IntakeAddressBook
from services.notify.application.ports import AddressAway, Recipient
from shared.clock import FixedClock
from shared.service import CommonSettings
from shared.settings import Secret
from tests.support.builders_notify import EMAIL, NOON

CONTACT = {
    "sender_reference": "SCH/2026/14\r\nBcc: x@example.org",
    "channel": "form",
    "referrer": {"kind": "professional", "source_code": "2A", "email": EMAIL},
    "subjects": [{"kind": "child"}],
    "narrative": "A made-up worry.",
}


async def _client(intake: Intake, role: str) -> tuple[str, str]:
    client_id = f"{role}-{uuid4().hex[:6]}"
    async with intake.platform.engine.begin() as connection:
        secret = await clients.add_client(
            connection, client_id=client_id, organisation="school", name="a test", role=role, environment="test"
        )
    return client_id, secret.text


async def _post(http: httpx2.AsyncClient, intake: Intake) -> UUID:
    client_id, secret = await _client(intake, "partner")
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    token = (await http.post("/v1/token", data=form)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    answer = await http.post("/v1/contacts", json=CONTACT, headers=headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def test_the_real_intake_gives_the_address_to_our_token(settings_for: Callable[[str], CommonSettings]) -> None:
    async with open_intake(settings_for("intake")) as intake:
        transport = httpx2.ASGITransport(make_app(intake), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://intake") as http:
            contact_id = await _post(http, intake)
            client_id, secret = await _client(intake, "service")
            book = _book(http, client_id, secret)
            found = await book.recipient(contact_id)
            assert found == Recipient(email=EMAIL, sender_reference="SCH/2026/14 Bcc: x@example.org")
            assert await book.recipient(uuid4()) is None
            with pytest.raises(AddressAway, match="intake_401"):
                await _book(http, client_id, "wrong").recipient(contact_id)


class Scripted:
    """An intake that answers as it was told to, and counts."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.tokens = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/v1/token":
            self.tokens += 1
            return httpx2.Response(200, json={"access_token": f"t{self.tokens}", "expires_in": 600})
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _book(http: httpx2.AsyncClient, client_id: str = "notify", client_secret: str = "") -> IntakeAddressBook:
    return IntakeAddressBook(
        http,
        intake_url="http://intake",
        client_id=client_id,
        client_secret=Secret(client_secret),
        clock=FixedClock(NOON),
    )


def _ok(**changed: Any) -> httpx2.Response:
    content = {"reference": "r", "sender_reference": None, "addresses": [{"channel": "email", "address": EMAIL}]}
    return httpx2.Response(200, json={**content, **changed})


async def _asked(scripted: Scripted, times: int = 1) -> Recipient | None:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(scripted)) as http:
        book = _book(http)
        for _ in range(times - 1):
            await book.recipient(uuid4())
        return await book.recipient(uuid4())


async def test_one_token_serves_many_and_a_refused_one_is_renewed_once() -> None:
    scripted = Scripted(_ok(), _ok(), httpx2.Response(401), _ok())
    assert await _asked(scripted, 3) == Recipient(email=EMAIL, sender_reference=None)
    assert scripted.tokens == 2


@pytest.mark.parametrize("status", [404, 410])
async def test_an_erased_contact_has_no_recipient(status: int) -> None:
    assert await _asked(Scripted(httpx2.Response(status))) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx2.Response(503), "intake_503"),
        (httpx2.Response(403), "intake_403"),
        (httpx2.Response(200, text="<html>"), "intake_answer_unreadable"),
        (httpx2.Response(200, json=[1]), "intake_answer_unreadable"),
        (_ok(addresses="x"), "intake_answer_unreadable"),
        (httpx2.ConnectError("away"), "intake_ConnectError"),
        (httpx2.ReadTimeout("slow"), "intake_ReadTimeout"),
    ],
)
async def test_whatever_is_wrong_with_intake_means_later(answer: httpx2.Response | Exception, reason: str) -> None:
    with pytest.raises(AddressAway) as away:
        await _asked(Scripted(answer))
    assert away.value.reason == reason


async def test_a_referrer_with_a_phone_only_has_no_email() -> None:
    found = await _asked(Scripted(_ok(addresses=[{"channel": "phone", "address": "01632"}])))
    assert found == Recipient(email=None, sender_reference=None)
