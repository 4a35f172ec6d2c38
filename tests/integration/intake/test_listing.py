"""A partner's list: filtered, in pages that neither repeat nor leave out when new contacts come between two of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from services.intake.bootstrap import Intake
from shared.web import encode_cursor
from tests.integration.intake.steps import Others, Token, send


async def send_some(api: httpx2.AsyncClient, headers: dict[str, str], *references: str) -> list[str]:
    bodies = [{"narrative": "A worry.", "sender_reference": one} for one in references]
    return [(await send(api, headers, "/v1/contacts", body)).json()["id"] for body in bodies]


async def listed(api: httpx2.AsyncClient, headers: dict[str, str], **query: Any) -> list[str]:
    answer = await api.get("/v1/contacts", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["contacts"]]


async def test_pages_are_stable_while_new_contacts_come(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    first = await send_some(api, headers, *"abcdefg")
    address, seen, pages = "/v1/contacts?limit=2", list[str](), 0
    while address:
        answer = await api.get(address, headers=headers)
        seen += [one["id"] for one in answer.json()["contacts"]]
        address = answer.links.get("next", {}).get("url", "")
        assert "limit=2" in address or not address
        await send_some(api, headers, f"new {pages}")
        pages += 1
    assert seen == first[::-1]
    assert pages == 4


async def test_filters(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    headers = await token()
    one, two, three = await send_some(api, headers, "HV-1", "HV-2", "hv 2")
    await send_some(api, await token(organisation="school-9"), "HV-2")
    others = Others(intake, one)
    await others.say(others.decision())
    assert await listed(api, headers, stage="decided") == [one]
    assert await listed(api, headers, stage="received") == [three, two]
    assert await listed(api, headers, sender_reference="HV-2") == [two]
    assert await listed(api, headers, sender_reference="HV-3") == []
    rows = (await api.get("/v1/contacts", headers=headers)).json()["contacts"]
    times = [datetime.fromisoformat(row["accepted_at"]) for row in rows]
    assert await listed(api, headers, since=times[1].isoformat()) == [three, two]
    assert await listed(api, headers, until=times[1].isoformat()) == [one]
    soon = (times[0] + timedelta(hours=1)).isoformat()
    assert await listed(api, headers, since=times[2].isoformat(), until=soon, stage="received") == [three, two]
    assert len(await listed(api, await token("manager"), sender_reference="HV-2")) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0}, {"limit": 201}, {"stage": "rated"}, {"since": "5"}, {"since": "yesterday"},
        {"until": "2026-11-20T10:00:00"}, {"since": "0001-01-01T00:00:00+14:00"}, {"sender_reference": "x" * 1001},
    ],
)  # fmt: skip
async def test_odd_filters_are_refused(api: httpx2.AsyncClient, token: Token, query: dict[str, Any]) -> None:
    answer = await api.get("/v1/contacts", params=query, headers=await token())
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["in"] == "query"


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2026-11-20T10:00:00"])
async def test_a_cursor_that_is_not_ours_is_refused(api: httpx2.AsyncClient, token: Token, at: str) -> None:
    cursor = encode_cursor({"at": at, "id": str(UUID(int=1))})
    answer = await api.get("/v1/contacts", params={"cursor": cursor}, headers=await token())
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


async def test_an_erased_contacts_reference_is_not_found_any_more(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    headers = await token()
    (contact,) = await send_some(api, headers, "HV-1")
    await send(api, await token("admin"), f"/v1/contacts/{contact}/erasure", {"reason_code": "court_order"})
    assert await listed(api, headers, sender_reference="HV-1") == []
    async with intake.autocommit() as connection:
        assert (await connection.execute(text("SELECT sender_reference_index FROM contacts"))).scalar_one() is None
