"""A night's contacts at once: each kept or refused for itself, in order, once, whatever happens in the middle."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import httpx2
from sqlalchemy import text

from mash.databases import ensure_databases
from mash.postgres import EmbeddedPostgres, temporary_postgres
from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.examples import EXAMPLE, FAMILY
from shared.database.migrate import migrate
from tests.conftest import environment_for
from tests.integration.access.door import Door, open_door
from tests.integration.access.test_database_away import WHOLE
from tests.integration.intake.steps import Token, send
from tests.support.eventually import eventually
from tests.support.issuers import Issuers

PATH = "/v1/contacts/batch"


def entry(contact: Any, key: str | None = None) -> dict[str, Any]:
    return {"idempotency_key": key or uuid4().hex, "contact": contact}


async def post(api: httpx2.AsyncClient, headers: dict[str, str], *entries: Any) -> list[dict[str, Any]]:
    answer = await api.post(PATH, json={"contacts": list(entries)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def kept(intake: Intake) -> int:
    async with intake.autocommit() as connection:
        row = (await connection.execute(text(WHOLE))).one()
    assert row.contacts == row.keys == row.streams == row.said == row.queued == row.requests
    return row.contacts


async def test_one_bad_contact_spoils_nothing(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    headers = await token()
    twice = '{"narrative": "a", "narrative": "b"}'
    body = json.dumps(
        {
            "contacts": [
                entry(EXAMPLE),
                entry({"subjects": []}),
                entry("no object"),
                entry({"narrative": "TWICE"}),
                entry({"narrative": "odd", "theirs": [1, {"x": None}]}),
                {"idempotency_key": "with spaces", "contact": EXAMPLE},
                {"contact": EXAMPLE},
                7,
                entry({"a": 1, "narrative": "x\u0000\ud800"}),
                entry(FAMILY),
            ]
        }
    ).replace('{"narrative": "TWICE"}', twice)
    answer = await api.post(PATH, content=body.encode(), headers={**headers, "Content-Type": "application/json"})
    results = answer.json()["results"]
    assert [one["status"] for one in results] == [201, 422, 422, 400, 201, 422, 422, 422, 201, 201]
    assert [one["problem"]["code"] for one in results if one["problem"]] == [
        "nobody_could_act", "not_an_object", "malformed_json", "idempotency_key_invalid", "not_an_entry",
        "not_an_entry",
    ]  # fmt: skip
    assert all((one["contact"] is None) == (one["status"] >= 400) for one in results)
    assert await kept(intake) == 4
    for one, sent in ((results[0], EXAMPLE), (results[9], FAMILY)):
        read = await api.get(one["contact"]["links"]["self"], headers=headers)
        assert read.json()["told"] == sent


async def test_a_key_is_the_same_alone_and_in_a_batch(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    headers = await token()
    alone = (await send(api, headers, "/v1/contacts", EXAMPLE, key="k1")).json()
    new = entry({"narrative": "x"}, "k2")
    results = await post(api, headers, entry(EXAMPLE, "k1"), new, new, entry({"narrative": "other"}, "k2"))
    assert [one["status"] for one in results] == [200, 201, 200, 422]
    assert results[0]["contact"] == alone
    assert results[1]["contact"] == results[2]["contact"]
    assert results[3]["problem"]["code"] == "idempotency_key_reused"
    again = await send(api, headers, "/v1/contacts", {"narrative": "x"}, key="k2")
    assert again.json() == results[1]["contact"]
    theirs = await post(api, await token(organisation="school-9"), entry(EXAMPLE, "k1"))
    assert theirs[0]["status"] == 201, "a key belongs to its caller"
    assert await kept(intake) == 3


async def test_the_same_batch_at_once_is_kept_once(api: httpx2.AsyncClient, intake: Intake, token: Token) -> None:
    headers = await token()
    entries = [entry(EXAMPLE) for _ in range(60)]
    forth, back = await asyncio.gather(post(api, headers, *entries), post(api, headers, *reversed(entries)))
    assert {one["status"] for one in [*forth, *back]} == {200, 201}
    assert [one["contact"]["id"] for one in forth] == [one["contact"]["id"] for one in reversed(back)]
    assert await kept(intake) == 60


async def test_a_batch_of_the_wrong_size_or_form_is_refused(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    headers = {**await token(), "Content-Type": "application/json"}
    for body, status in (
        (b"{", 400), (b"[]", 422), (b'{"contacts": 1}', 422), (b'{"contacts": []}', 422), (b"{}", 422),
        (b'{"contacts": [], "x": 1}', 422), (json.dumps({"contacts": [1] * 501}).encode(), 422),
    ):  # fmt: skip
        answer = await api.post(PATH, content=body, headers=headers)
        assert answer.status_code == status, body[:40]
        assert answer.headers["content-type"] == "application/problem+json"
    assert await kept(intake) == 0


async def test_five_hundred_are_kept_and_others_are_served_meanwhile(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    headers = await token()
    sending = asyncio.create_task(post(api, headers, *[entry({**EXAMPLE, "n": n}) for n in range(500)]))
    longest = 0.0
    while not sending.done():
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - started)
    results = await sending
    assert [one["status"] for one in results] == [201] * 500
    assert len({one["contact"]["id"] for one in results}) == 500
    assert await kept(intake) == 500
    assert longest < 1, "nobody else was served"


async def test_an_outage_in_the_middle_and_the_whole_batch_again() -> None:
    """On a server of its own, which the test may stop."""
    with temporary_postgres() as server:
        ensure_databases(server)
        await asyncio.to_thread(migrate, "intake", server.url("mash_intake", "mash_intake_owner"))
        variables = environment_for("intake", lambda name: server.url(f"mash_{name}", f"mash_{name}"), [])
        async with open_door("intake", variables, issuers=Issuers()) as door:
            await _cut_in_the_middle(door, server)


async def _cut_in_the_middle(door: Door, server: EmbeddedPostgres) -> None:
    entries = {"contacts": [entry({**EXAMPLE, "n": n}) for n in range(500)]}
    before = time.time()
    sending = asyncio.create_task(door.ask("POST", PATH, "partner", json=entries))
    await eventually(lambda: door.rows("SELECT 1 FROM contacts LIMIT 1"), every_seconds=0.002)
    await asyncio.to_thread(server.stop, immediate=True)
    cut = await sending
    assert (cut.status_code, cut.json()["code"]) == (503, "unavailable")
    server.start()
    there = (await door.rows(WHOLE))[0]
    assert 0 < there.contacts < 500
    assert len(set(there)) == 1, f"half-written: {there}"
    tried = time.time()
    again = (await door.ask("POST", PATH, "partner", json=entries)).json()["results"]
    assert sorted({one["status"] for one in again}) == [200, 201]
    assert sum(one["status"] == 200 for one in again) == there.contacts
    assert set((await door.rows(WHOLE))[0]) == {500}, "a resent contact was kept twice, or one was lost"
    late = await door.rows("SELECT extract(epoch FROM received_at) AS at FROM contacts")
    assert all(before - 1 <= float(row.at) <= tried for row in late), "a clock starts at the second try"
