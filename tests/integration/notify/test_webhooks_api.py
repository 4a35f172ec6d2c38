"""Partners' webhooks by REST: registered, tested, rotated, replayed, and nobody else's business."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from services.notify.domain.policy.webhook_answers import MOST_WEBHOOKS
from services.notify.entrypoints.api import make_app
from tests.support.builders_notify import Life
from tests.support.issuers import Issuers
from tests.support.receivers import Receiver

from .conftest import Desk
from .webhook_desk import ORGANISATION, WebhookDesk

PATH = "/v1/webhooks"
TOKEN = "canary-token-in-an-address"


class Partner:
    """A partner's client, and a member of staff's."""

    def __init__(self, http: httpx2.AsyncClient, issuers: Issuers) -> None:
        self._http = http
        self._issuers = issuers

    async def ask(
        self, method: str, path: str = "", body: Any = None, *, who: str = ORGANISATION, key: str | None = None
    ) -> httpx2.Response:
        staff = who in {"manager", "admin", "practitioner"}
        token = self._issuers.staff(who) if staff else self._issuers.partner(who)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(uuid4())}
        return await self._http.request(method, PATH + path, json=body, headers=headers)


@pytest.fixture
async def hooks(desk: Desk) -> WebhookDesk:
    return WebhookDesk(desk)


@pytest.fixture
async def partner(hooks: WebhookDesk) -> AsyncIterator[Partner]:
    issuers = Issuers()
    hooks.desk.notify.platform.verifier = issuers.verifier
    transport = httpx2.ASGITransport(make_app(hooks.desk.notify), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://notify") as http:
        yield Partner(http, issuers)


async def test_a_webhooks_life(
    hooks: WebhookDesk, partner: Partner, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    url, key = receiver.url(f"/hook?token={TOKEN}"), str(uuid4())
    body = {"url": url, "events": ["contact.received"]}
    made = await partner.ask("POST", body=body, key=key)
    assert made.status_code == 201, made.text
    assert (await partner.ask("POST", body=body, key=key)).json() == made.json()
    assert (await partner.ask("POST", body=body)).status_code == 409
    own, secret = f"/{made.json()['id']}", made.json()["secret"]
    assert secret not in (await partner.ask("GET", own)).text
    pinged = await partner.ask("POST", f"{own}/ping")
    await hooks.desk.hear([Life("api").received()])
    rotated = (await partner.ask("POST", f"{own}/secret")).json()["secret"]
    async with hooks.sender() as sender:
        await hooks.run(sender)
    for call in receiver.accepted:
        assert {Verifier(each).verify(call.body, call.headers)["type"] for each in (secret, rotated)}
    types = {call.id: call.content["type"] for call in receiver.accepted}
    assert types[pinged.json()["event_id"]] == "webhook.ping"
    shown = (await partner.ask("GET", f"{own}/attempts")).json()["attempts"]
    assert {(each["type"], each["code"]) for each in shown} == {
        ("webhook.ping", "http_204"),
        ("contact.received", "http_204"),
    }
    again = (await partner.ask("POST", f"{own}/replay", {"since": "2026-01-01T00:00:00Z"})).json()
    assert again == {"replayed": 1, "more_since": None}
    assert (await partner.ask("POST", f"{own}/enable")).status_code == 409
    assert (await partner.ask("DELETE", own)).status_code == 204
    assert (await partner.ask("GET", own)).status_code == 404
    for table in ("webhooks", "webhook_deliveries", "webhook_attempts"):
        assert await hooks.desk.rows(f"SELECT * FROM {table}") == []
    written = capsys.readouterr().out + hooks.desk.notify.platform.metrics.exposition().decode()
    assert TOKEN not in written
    assert secret not in written
    assert receiver.name not in written


async def test_another_organisations_is_as_absent_as_one_that_is_not_there(
    hooks: WebhookDesk, partner: Partner, receiver: Receiver
) -> None:
    own = f"/{(await hooks.register(receiver.url(f'/{TOKEN}'))).id}"
    since = {"since": "2026-01-01T00:00:00Z"}
    for method, path, body in [
        ("GET", "", None), ("DELETE", "", None), ("GET", "/attempts", None), ("POST", "/ping", None),
        ("POST", "/secret", None), ("POST", "/enable", None), ("POST", "/replay", since),
    ]:  # fmt: skip
        foreign = await partner.ask(method, own + path, body, who="another")
        absent = await partner.ask(method, f"/{uuid4()}{path}", body, who="another")
        assert foreign.status_code == absent.status_code == 404, path
        assert foreign.json()["detail"] == absent.json()["detail"]
    assert (await partner.ask("GET", who="another")).json() == {"webhooks": []}
    audited = await hooks.desk.rows("SELECT outcome FROM audit WHERE action LIKE 'webhook.%'")
    assert [row["outcome"] for row in audited] == ["refused"] * 14
    (seen,) = (await partner.ask("GET", who="manager")).json()["webhooks"]
    assert seen["url"] == f"https://{receiver.name}", "an address may hold a token: staff see its host"
    assert (await partner.ask("POST", own + "/ping", who="manager")).status_code == 403
    assert (await partner.ask("GET", own, who="practitioner")).status_code == 403


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.org/", "https_only"),
        ("https://user:pass@hooks.example.org/", "user_in_url"),
        ("https://93.184.216.34/", "name_needed"),
        ("https://2130706433/", "name_needed"),
        ("https://[::1]/", "name_needed"),
        ("https://localhost/", "name_needed"),
        ("https://hooks.example.org/#part", "url_unreadable"),
        ("https://hooks.example.org\\@10.0.0.1/", None),
        ("https://", None),
        ("no address", None),
    ],
)
async def test_an_address_that_we_would_not_send_to_is_refused_without_an_echo(
    partner: Partner, url: str, code: str | None
) -> None:
    answer = await partner.ask("POST", body={"url": url, "events": ["contact.decided"]})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert code is None or answer.json()["code"] == code
    assert answer.json()["errors"][0]["pointer"] == "/url"
    assert url not in answer.text


async def test_an_organisation_has_so_many_and_no_more(partner: Partner) -> None:
    for number in range(MOST_WEBHOOKS):
        body = {"url": f"https://hooks.example.org/{number}", "events": ["contact.decided"]}
        assert (await partner.ask("POST", body=body)).status_code == 201
    body = {"url": "https://hooks.example.org/more", "events": ["contact.decided"]}
    assert (await partner.ask("POST", body=body)).json()["code"] == "too_many_webhooks"
    assert (await partner.ask("POST", body=body, who="another")).status_code == 201
    assert len((await partner.ask("GET")).json()["webhooks"]) == MOST_WEBHOOKS


async def test_attempts_come_in_pages(hooks: WebhookDesk, partner: Partner, receiver: Receiver) -> None:
    webhook = await hooks.register(receiver.url())
    await hooks.desk.hear([Life(f"page {number}").received() for number in range(5)])
    async with hooks.sender() as sender:
        await hooks.run(sender)
    seen: list[str] = []
    path: str | None = f"/{webhook.id}/attempts?limit=2"
    while path:
        answer = await partner.ask("GET", path)
        seen += [each["event_id"] for each in answer.json()["attempts"]]
        link = answer.headers.get("Link")
        path = link.split(">")[0].removeprefix(f"<{PATH}") if link else None
    assert len(seen) == len(set(seen)) == 5
    assert (await partner.ask("GET", f"/{webhook.id}/attempts?cursor=nonsense")).status_code == 400
