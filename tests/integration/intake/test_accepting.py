"""A partner's POST: kept before it is answered, once, whatever its form."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text

from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.contact import EXAMPLE

Token = Callable[..., Awaitable[dict[str, str]]]


async def post(
    api: httpx2.AsyncClient, headers: dict[str, str], body: Any, *, key: str | None = None
) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {**headers, "Idempotency-Key": key or str(uuid4()), "Content-Type": "application/json"}
    return await api.post("/v1/contacts", content=content, headers=sent)


async def counts(intake: Intake) -> dict[str, int]:
    async with intake.autocommit() as connection:
        return {
            table: (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
            for table in ("contacts", "subjects", "outbox", "event_log", "idempotency", "contact_keys")
        }


async def test_an_accepted_contact_is_kept_with_its_announcement(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    answer = await post(api, await token(), EXAMPLE)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["reference"].startswith("MASH-")
    assert body["warnings"] == []
    assert set((await counts(intake)).values()) == {1}


async def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    headers, key = await token(), str(uuid4())
    first = await post(api, headers, EXAMPLE, key=key)
    again = await post(api, headers, dict(reversed(EXAMPLE.items())), key=key)
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await post(api, headers, {"narrative": "something else"}, key=key)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert (await counts(intake))["contacts"] == 1


async def test_many_at_once_with_one_key_are_one_contact(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    headers, key = await token(), str(uuid4())
    answers = await asyncio.gather(*(post(api, headers, EXAMPLE, key=key) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await counts(intake))["contacts"] == 1


async def test_nobody_is_turned_away_over_form(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    odd = {
        "police_code": "a value of theirs",
        "channel": "pigeon",
        "referrer": {"kind": "constable", "source_code": "6X", "email": "not an address"},
        "subjects": [
            {
                "birth_date": "some time in May",
                "nhs_number": "1111111111",
                "upn": "A1",
                "address": {"postcode": "nowhere"},
                "facts": {"immediate_danger": "maybe", "colour": "blue"},
                "indicators": {"L9-OLD": "yes", "L4-BAS-BRUISE-NM": "perhaps"},
            },
            "not even an object",
        ],
    }
    answer = await post(api, await token(), odd)
    assert answer.status_code == 201, answer.text
    warned = {(one["pointer"], one["code"]) for one in answer.json()["warnings"]}
    assert ("/subjects/0/nhs_number", "unverified") in warned
    assert ("/subjects/0/indicators", "unrecognised_indicator") in warned
    assert ("/subjects/0/facts/immediate_danger", "unrecognised_value") in warned
    assert ("/channel", "not_understood") in warned
    assert ("/subjects/1", "not_understood") in warned
    said = answer.text
    assert not any(value in said for value in ("pigeon", "constable", "some time in May", "nowhere", "police_code"))
    async with intake.autocommit() as connection:
        value = (await connection.execute(text("SELECT value FROM outbox"))).scalar_one()
    event = json.loads(bytes(value))
    assert len(event["subjects"]) == 2
    assert sum(event["subjects"][0]["unrecognised"].values()) >= 5
    assert sum(event["subjects"][1]["unrecognised"].values()) >= 1


async def test_only_what_nobody_could_act_on_is_refused(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    headers = await token()
    assert (await post(api, headers, b"{")).status_code == 400
    assert (await post(api, headers, b"[]")).status_code == 400
    empty = await post(api, headers, {"subjects": []})
    assert empty.status_code == 422
    assert empty.json()["errors"][0]["pointer"] == "/subjects"
    assert (await api.post("/v1/contacts", json=EXAMPLE, headers=headers)).status_code == 400
    large = await post(api, headers, {"narrative": "x" * (1024 * 1024)})
    assert large.status_code == 413
    assert set((await counts(intake)).values()) == {0}


async def test_a_worry_about_nobody_named_has_one_unknown_subject(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    answer = await post(api, await token(), {"narrative": "screaming from flat 3", "referrer": {"kind": "anonymous"}})
    assert answer.status_code == 201
    async with intake.autocommit() as connection:
        kinds = (await connection.execute(text("SELECT kind FROM subjects"))).scalars().all()
    assert kinds == ["unknown"]


async def test_what_is_told_is_sealed_in_the_database(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    await post(api, await token(), EXAMPLE)
    async with intake.autocommit() as connection:
        for table in ("contacts", "subjects", "outbox", "event_log", "idempotency"):
            rows = (await connection.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            for row in rows:
                for personal in ("Rowan", "Sample", "priya@example.org", "2026-09-05", "bruise on the left"):
                    assert personal not in row
                    assert personal.encode().hex() not in row


async def test_a_partner_sees_its_own_and_nobody_elses(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    mine, theirs = await token(), await token(organisation="school-9")
    created = (await post(api, mine, EXAMPLE)).json()
    seen = await api.get(f"/v1/contacts/{created['id']}", headers=mine)
    assert seen.json()["told"] == EXAMPLE
    assert [row["id"] for row in (await api.get("/v1/contacts", headers=mine)).json()["contacts"]] == [created["id"]]
    foreign = await api.get(f"/v1/contacts/{created['id']}", headers=theirs)
    absent = await api.get(f"/v1/contacts/{uuid4()}", headers=theirs)
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json()["detail"] == absent.json()["detail"]
    assert (await api.get("/v1/contacts", headers=theirs)).json()["contacts"] == []
    async with intake.autocommit() as connection:
        rows = (await connection.execute(text("SELECT action, outcome FROM audit ORDER BY occurred_at"))).all()
    assert [tuple(row) for row in rows].count(("contact.read", "refused")) == 2
    assert ("contact.read", "shown") in [tuple(row) for row in rows]


async def test_erasure_leaves_nothing_but_the_tombstone(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    created = (await post(api, await token(), EXAMPLE)).json()
    headers = {**await token("admin"), "Idempotency-Key": "once"}
    path = f"/v1/contacts/{created['id']}"
    erased = await api.post(f"{path}/erasure", json={"reason_code": "retention_ended"}, headers=headers)
    assert erased.status_code == 204, erased.text
    assert (await api.get(path, headers=await token("manager"))).status_code == 404
    async with intake.autocommit() as connection:
        body = (await connection.execute(text("SELECT body FROM contacts"))).scalar_one()
        keys = (await connection.execute(text("SELECT count(*) FROM contact_keys"))).scalar_one()
        said = (await connection.execute(text("SELECT headers::text FROM event_log"))).scalars().all()
    assert body is None
    assert keys == 0
    assert len(said) == 1
    assert "ContactErased" in said[0]


async def test_notify_learns_where_to_send_only_as_a_service(api: httpx2.AsyncClient, token: Token) -> None:
    created = (await post(api, await token(), EXAMPLE)).json()
    path = f"/v1/contacts/{created['id']}/recipient"
    assert (await api.get(path, headers=await token())).status_code == 403
    found = (await api.get(path, headers=await token("service"))).json()
    assert found["addresses"] == [{"channel": "email", "address": "priya@example.org"}]
    assert found["sender_reference"] == "HV-2026-118"


@pytest.mark.parametrize(
    ("referrer", "channels"),
    [
        ({"phone": "07700 900123"}, [("sms", "+447700900123")]),
        ({"phone": "01632 960002"}, []),
        ({"phone": "07700 900123", "email": "a@example.org"}, [("email", "a@example.org"), ("sms", "+447700900123")]),
        ({"kind": "anonymous", "phone": "07700 900123", "email": "a@example.org"}, []),
    ],
)
async def test_notify_learns_of_a_mobile_number_too(
    api: httpx2.AsyncClient, token: Token, referrer: dict[str, str], channels: list[tuple[str, str]]
) -> None:
    created = (await post(api, await token(), {"narrative": "A worry.", "referrer": referrer})).json()
    found = await api.get(f"/v1/contacts/{created['id']}/recipient", headers=await token("service"))
    assert [(one["channel"], one["address"]) for one in found.json()["addresses"]] == channels
