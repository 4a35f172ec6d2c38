"""The database is away: 503 with Retry-After, and when it is back nothing is half-written."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from mash.databases import ensure_databases
from mash.postgres import EmbeddedPostgres, temporary_postgres
from services.intake.entrypoints.schemas.contact import EXAMPLE
from shared.database.migrate import migrate
from tests.conftest import environment_for
from tests.integration.access.door import Door, open_door
from tests.support.issuers import Issuers

POSTS = 24
WHOLE = (
    "SELECT (SELECT count(*) FROM contacts) AS contacts, (SELECT count(*) FROM contact_keys) AS keys,"
    " (SELECT count(*) FROM contact_stream) AS streams, (SELECT count(*) FROM subjects) AS subjects,"
    " (SELECT count(*) FROM event_log) AS said, (SELECT count(*) FROM outbox) AS queued,"
    " (SELECT count(*) FROM idempotency) AS requests"
)


async def test_a_post_while_the_server_goes_away_and_comes_back_is_kept_once_and_whole() -> None:
    """On a server of its own, which the test may stop."""
    with temporary_postgres() as server:
        ensure_databases(server)
        await asyncio.to_thread(migrate, "intake", server.url("mash_intake", "mash_intake_owner"))
        variables = environment_for("intake", lambda name: server.url(f"mash_{name}", f"mash_{name}"), [])
        async with open_door("intake", variables, issuers=Issuers()) as door:
            keys = [str(uuid4()) for _ in range(POSTS)]
            before = datetime.now(UTC)
            await _refused_while_away(door, server, keys[0])
            back = datetime.now(UTC)
            await _nothing_half_written(door, server, keys)
            answer = (await _post(door, keys[0])).json()
            started = datetime.fromisoformat(answer["received_at"])
            assert before - timedelta(seconds=1) <= started < back, "its clock does not start at the first try"


async def _post(door: Door, key: str) -> httpx2.Response:
    return await door.ask("POST", "/v1/contacts", "partner", json=EXAMPLE, headers={"Idempotency-Key": key})


async def _refused_while_away(door: Door, server: EmbeddedPostgres, key: str) -> None:
    server.stop(immediate=True)
    asked: list[tuple[str, str, str, dict[str, Any]]] = [
        ("GET", "/v1/contacts", "partner", {}),
        ("GET", f"/v1/contacts/{uuid4()}", "manager", {}),
        ("POST", "/v1/contacts/summaries", "manager", {"json": {"contact_ids": [str(uuid4())]}}),
        ("POST", f"/v1/contacts/{uuid4()}/erasure", "admin", {"json": {"reason_code": "retention_ended"}}),
    ]
    answers = [
        await _post(door, key),
        *[await door.ask(method, path, role, **more) for method, path, role, more in asked],
    ]
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    answers.append(await door.client.post("/v1/token", data=form))
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
    assert (await door.client.get("/livez")).status_code == 200
    assert (await door.client.get("/readyz")).status_code == 503
    server.start()
    assert set((await door.rows(WHOLE))[0]) == {0}
    assert (await door.client.get("/readyz")).status_code == 200


async def _nothing_half_written(door: Door, server: EmbeddedPostgres, keys: list[str]) -> None:
    posting = [asyncio.create_task(_post(door, key)) for key in keys]
    await asyncio.wait(posting, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.to_thread(server.stop, immediate=True)
    first = await asyncio.gather(*posting)
    assert {one.status_code for one in first} <= {201, 503}
    server.start()
    kept = (await door.rows(WHOLE))[0]
    assert len(set(kept)) == 1, f"half-written: {kept}"
    assert kept.contacts >= sum(one.status_code == 201 for one in first), "acknowledged and lost"
    again = await asyncio.gather(*(_post(door, key) for key in keys))
    assert {one.status_code for one in again} == {201}
    assert set((await door.rows(WHOLE))[0]) == {POSTS}, "a retry made a second contact"
    known = {one.json()["id"] for one in first if one.status_code == 201}
    assert known <= {one.json()["id"] for one in again}
