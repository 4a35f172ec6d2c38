"""Notify's REST API as staff see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from services.notify.application.ports import Refused, TryLater
from services.notify.entrypoints.api import make_app
from shared.contracts.notify import Proof, ReferrerInformed
from shared.contracts.parts import ReferrerKind
from shared.web import routes_and_roles
from tests.support.builders_notify import NOON, REFERENCE, Life
from tests.support.issuers import Issuers

from .conftest import TEAM, Desk

NOTE = "Spoke to the safeguarding lead, Ms Canary."


@pytest.fixture
async def api(desk: Desk) -> AsyncIterator[Api]:
    issuers = Issuers()
    desk.notify.platform.verifier = issuers.verifier
    transport = httpx2.ASGITransport(make_app(desk.notify), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://notify") as http:
        yield Api(http, issuers)


class Api:
    """The API with a token of each role."""

    def __init__(self, http: httpx2.AsyncClient, issuers: Issuers) -> None:
        self._http = http
        self._issuers = issuers

    async def get(self, path: str, role: str = "practitioner") -> httpx2.Response:
        return await self._http.get(path, headers=self._headers(role))

    async def send(
        self, method: str, path: str, body: Any = None, *, role: str = "practitioner", **headers: str
    ) -> httpx2.Response:
        extra = {"Idempotency-Key": str(uuid4()), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self._http.request(method, path, json=body, headers={**self._headers(role), **extra})

    def _headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._issuers.staff(role)}"}


async def test_every_route_names_its_roles(desk: Desk) -> None:
    by_route = {(each.method, each.path): each.roles for each in routes_and_roles(make_app(desk.notify)) if each.roles}
    staff, partner = frozenset({"practitioner", "manager"}), frozenset({"partner"})
    assert by_route == {
        ("GET", "/v1/notifications"): staff | {"ops"},
        ("GET", "/v1/notifications/{notification_id}"): staff | {"ops"},
        ("POST", "/v1/notifications/{notification_id}/resend"): staff,
        ("POST", "/v1/contacts/{contact_id}/told"): staff,
        ("GET", "/v1/duty-rota"): staff | {"ops", "admin"},
        ("PUT", "/v1/duty-rota"): frozenset({"manager", "admin"}),
        ("GET", "/v1/notifications/{notification_id}/letter"): partner,
        ("GET", "/v1/webhooks"): partner | {"manager", "admin"},
        ("POST", "/v1/webhooks"): partner,
        ("GET", "/v1/webhooks/{webhook_id}"): partner | {"manager", "admin"},
        ("DELETE", "/v1/webhooks/{webhook_id}"): partner,
        ("GET", "/v1/webhooks/{webhook_id}/attempts"): partner | {"manager", "admin"},
        ("POST", "/v1/webhooks/{webhook_id}/ping"): partner,
        ("POST", "/v1/webhooks/{webhook_id}/secret"): partner,
        ("POST", "/v1/webhooks/{webhook_id}/replay"): partner,
        ("POST", "/v1/webhooks/{webhook_id}/enable"): partner,
        ("GET", "/v1/templates"): staff | {"ops", "admin"},
        ("GET", "/v1/templates/{name}"): staff | {"ops", "admin"},
        ("PUT", "/v1/templates/{name}"): frozenset({"manager", "admin"}),
        ("DELETE", "/v1/templates/{name}"): frozenset({"manager", "admin"}),
        ("POST", "/v1/templates/{name}/preview"): frozenset({"manager", "admin"}),
        ("GET", "/v1/mailbox"): frozenset({"manager", "ops", "admin"}),
        ("GET", "/v1/mailbox/{message_id}"): frozenset({"manager", "ops", "admin"}),
    }


async def test_notifications_in_pages_with_filters_and_an_audit_row(desk: Desk, api: Api) -> None:
    lives = [Life(f"contact {number}") for number in range(5)]
    await desk.hear([life.received() for life in lives])
    await desk.hear([lives[0].decided()])
    seen: list[str] = []
    path: str | None = "/v1/notifications?limit=2"
    while path:
        answer = await api.get(path)
        assert answer.status_code == 200, answer.text
        seen += [each["id"] for each in answer.json()["notifications"]]
        path = answer.headers["Link"].split(">")[0].removeprefix("<") if "Link" in answer.headers else None
    assert len(seen) == len(set(seen)) == 6
    only = await api.get(f"/v1/notifications?contact_id={lives[0].id}&kind=outcome&state=waiting")
    (found,) = only.json()["notifications"]
    assert (found["purpose"], found["reference"]) == ("outcome-professional", REFERENCE)
    rows = await desk.rows("SELECT contact_ids FROM audit WHERE action = 'notifications.list'")
    assert lives[0].id in rows[-1]["contact_ids"]
    assert (await api.get("/v1/notifications?cursor=nonsense")).status_code == 400
    assert (await api.get("/v1/notifications", role="admin")).status_code == 403


async def test_one_notification_with_every_attempt_and_no_address(desk: Desk, api: Api) -> None:
    desk.channel.script = [Refused("smtp_550")]
    await desk.hear([Life().received()])
    await desk.deliver()
    (row,) = await desk.rows("SELECT id FROM messages")
    answer = await api.get(f"/v1/notifications/{row['id']}")
    body = answer.json()
    assert (body["state"], body["address"]) == ("needs_person", "j…@example.org")
    assert [(each["number"], each["outcome"], each["code"]) for each in body["tries"]] == [(1, "refused", "smtp_550")]
    assert "jo.referrer" not in answer.text


async def test_what_is_not_there_is_404_and_audited(desk: Desk, api: Api) -> None:
    assert (await api.get(f"/v1/notifications/{uuid4()}")).status_code == 404
    assert (await api.send("POST", f"/v1/notifications/{uuid4()}/resend")).status_code == 404
    told = {"how": "phone", "told_at": NOON.isoformat()}
    assert (await api.send("POST", f"/v1/contacts/{uuid4()}/told", told)).status_code == 404
    rows = await desk.rows("SELECT action FROM audit WHERE outcome = 'refused' ORDER BY action")
    assert [row["action"] for row in rows] == ["contact.told", "notification.read", "notification.resend"]
    assert await desk.rows("SELECT 1 FROM contact_stream") == []


async def test_resending_begins_another_round_and_a_sent_one_is_not_sent_again(desk: Desk, api: Api) -> None:
    desk.channel.script = [Refused("smtp_550")]
    await desk.hear([Life().received()])
    await desk.deliver()
    (row,) = await desk.rows("SELECT id FROM messages")
    key = str(uuid4())
    for _ in range(2):
        answer = await api.send("POST", f"/v1/notifications/{row['id']}/resend", Idempotency_Key=key)
        assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
    await desk.deliver()
    assert await desk.states() == ["sent"]
    again = await api.send("POST", f"/v1/notifications/{row['id']}/resend")
    assert (again.status_code, again.json()["code"]) == (409, "resend_not_allowed")


async def test_what_the_family_may_hear_from_a_person_only_is_not_sent_again(desk: Desk, api: Api) -> None:
    life = Life(referrer=ReferrerKind.FAMILY)
    desk.channel.script = [TryLater("smtp_451")] * 2
    await desk.hear([life.received(), life.rated("amber", pages=False), life.decided()])
    await desk.deliver()
    await desk.hear([life.rated("amber", pages=False, version=2, flags=("do_not_alert_family",))])
    desk.clock.advance(3600)
    await desk.deliver()
    (row,) = await desk.rows("SELECT id, state, reason, template, attempts FROM messages WHERE kind = 'outcome'")
    assert tuple(row.values())[1:] == ("needs_person", "family_not_alerted", "", 1)
    again = await api.send("POST", f"/v1/notifications/{row['id']}/resend")
    assert (again.status_code, again.json()["code"]) == (409, "by_person_only")
    assert "Only a person may tell" in again.json()["detail"]


async def test_a_professional_told_by_phone_is_informed_by_attestation(desk: Desk, api: Api) -> None:
    life = Life(has_address=False)
    await desk.hear([life.received(), life.decided()])
    told = {"how": "phone", "told_at": NOON.isoformat(), "note": NOTE}
    answer = await api.send("POST", f"/v1/contacts/{life.id}/told", told)
    assert answer.status_code == 201, answer.text
    (message,) = answer.json()["notifications"]
    assert (message["state"], message["channel"]) == ("told", "phone")
    informed = [data for data in await desk.said() if isinstance(data, ReferrerInformed)]
    assert [(data.delivery.proof, data.delivery.at, data.complete) for data in informed] == [
        (Proof.ATTESTED, NOON, True)
    ]
    again = await api.send("POST", f"/v1/contacts/{life.id}/told", told)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_tell")
    read = await api.get(f"/v1/notifications/{message['id']}")
    assert read.json()["attested"][0]["note"] == NOTE
    ops = await api.get(f"/v1/notifications/{message['id']}", role="ops")
    assert ops.json()["attested"][0]["note"] is None
    for table in ("told", "idempotency", "outbox", "event_log", "audit"):
        kept = await desk.rows(f"SELECT CAST(t AS text) AS line FROM {table} t")
        assert not any("Canary" in row["line"] for row in kept)


async def test_what_is_told_must_have_been_told_and_be_this_contacts(desk: Desk, api: Api) -> None:
    life = Life()
    await desk.hear([life.received()])
    path = f"/v1/contacts/{life.id}/told"
    future = await api.send("POST", path, {"how": "phone", "told_at": "2027-01-01T00:00:00Z"})
    assert (future.status_code, future.json()["code"]) == (422, "in_the_future")
    foreign = {"how": "phone", "told_at": NOON.isoformat(), "messages": [str(uuid4())]}
    assert (await api.send("POST", path, foreign)).json()["code"] == "unknown_message"
    assert (await api.send("POST", path, {"how": "pigeon", "told_at": NOON.isoformat()})).status_code == 422
    assert await desk.states() == ["waiting"]


async def test_what_came_up_after_the_call_stays_to_be_told(desk: Desk, api: Api) -> None:
    life = Life()
    await desk.hear([life.received()])
    await desk.business_time(NOON + timedelta(minutes=5))
    await desk.hear([life.decided()])
    await desk.business_time(NOON + timedelta(minutes=10))
    (outcome,) = await desk.rows("SELECT id FROM messages WHERE kind = 'outcome'")
    path, told = f"/v1/contacts/{life.id}/told", {"how": "phone", "told_at": NOON.isoformat()}
    named = await api.send("POST", path, told | {"messages": [str(outcome["id"])]})
    assert (named.status_code, named.json()["code"]) == (422, "not_there_then")
    assert named.headers["content-type"] == "application/problem+json"
    answer = await api.send("POST", path, told)
    assert answer.status_code == 201, answer.text
    assert [each["kind"] for each in answer.json()["notifications"]] == ["acknowledgement"]
    assert answer.json()["still_open"] == [str(outcome["id"])]
    assert not [data for data in await desk.said() if isinstance(data, ReferrerInformed)]
    rest = await api.send("POST", path, told | {"told_at": (NOON + timedelta(minutes=5)).isoformat()})
    assert [each["kind"] for each in rest.json()["notifications"]] == ["outcome"]
    assert rest.json()["still_open"] == []


async def test_the_rota_is_replaced_whole_under_its_etag(api: Api) -> None:
    empty = await api.get("/v1/duty-rota")
    assert (empty.json()["version"], empty.json()["periods"]) == (0, [])
    assert {rung["team_address"] for rung in empty.json()["ladder"]} == {TEAM}
    period = {
        "role": "duty_worker",
        "address": "on.duty@example.org",
        "starts_at": "2026-11-20T08:30:00Z",
        "ends_at": "2026-11-20T17:00:00Z",
        "absent": False,
        "channel": "email",
        "person": None,
    }
    body = {"periods": [period]}
    assert (await api.send("PUT", "/v1/duty-rota", body, role="manager")).status_code == 428
    put = await api.send("PUT", "/v1/duty-rota", body, role="manager", If_Match=empty.headers["ETag"])
    assert (put.status_code, put.json()["version"]) == (200, 1)
    stale = await api.send("PUT", "/v1/duty-rota", body, role="manager", If_Match=empty.headers["ETag"])
    assert stale.status_code == 412
    assert (await api.get("/v1/duty-rota")).json()["periods"] == [period]
    wrong = {"periods": [period | {"ends_at": period["starts_at"]}]}
    refused = await api.send("PUT", "/v1/duty-rota", wrong, role="manager", If_Match=put.headers["ETag"])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "ends_before_it_starts"


async def test_the_mailbox_shows_what_was_sent(desk: Desk, api: Api) -> None:
    await desk.hear([Life().received()])
    courier = desk.notify.courier()
    courier.addressing.book = desk.book
    await courier.deliver_due()
    (posted,) = (await api.get("/v1/mailbox", role="ops")).json()["messages"]
    assert posted["subject"] == f"We have your contact {REFERENCE}"
    one = await api.get(f"/v1/mailbox/{posted['message_id']}", role="manager")
    assert "Your reference: SCH/2026/14" in one.json()["body"]
    assert (await api.get(f"/v1/mailbox/{uuid4()}", role="manager")).status_code == 404
    assert (await api.get("/v1/mailbox")).status_code == 403


async def test_the_document_can_be_made(desk: Desk) -> None:
    document = make_app(desk.notify).openapi()
    assert "/v1/notifications" in document["paths"]
