"""Partner systems prove themselves with a secret: rotated without a gap, disabled at once, refused without a hint."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.adapters.repositories import clients
from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import Door

pytestmark = pytest.mark.asyncio(loop_scope="package")

TRIES = 25
SAME_CLASS_SECONDS = 0.01  # a lookup and one SHA-256 either way; wide enough for a busy machine


async def add(door: Door, client_id: str) -> str:
    async with door.platform.engine.begin() as connection:
        return (await _add(connection, client_id)).text


async def _add(connection: AsyncConnection, client_id: str) -> Any:
    return await clients.add_client(
        connection, client_id=client_id, organisation="school-1", name="a test", role="partner", environment="test"
    )


async def rotate(door: Door, client_id: str) -> str:
    async with door.platform.engine.begin() as connection:
        return (await clients.rotate_secret(connection, client_id=client_id, environment="test")).text


async def sign_in(door: Door, secret: str, client_id: str) -> httpx2.Response:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return await door.client.post("/v1/token", data=form)


async def test_two_secrets_live_and_a_third_retires_the_first(door_of: OpenDoor) -> None:
    door, client_id = await door_of("intake"), f"school-{uuid4().hex[:8]}"
    first = await add(door, client_id)
    assert (await sign_in(door, first, client_id)).status_code == 200
    second = await rotate(door, client_id)
    assert [(await sign_in(door, one, client_id)).status_code for one in (first, second)] == [200, 200]
    third = await rotate(door, client_id)
    assert [(await sign_in(door, one, client_id)).status_code for one in (first, second, third)] == [401, 200, 200]


async def test_a_token_is_of_its_client_and_opens_its_organisations_contacts(door_of: OpenDoor) -> None:
    door, client_id = await door_of("intake"), f"school-{uuid4().hex[:8]}"
    secret = await add(door, client_id)
    answer = await door.client.post("/v1/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "Bearer", 600)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_no_secret_is_kept_in_clear(door_of: OpenDoor) -> None:
    door, client_id = await door_of("intake"), f"school-{uuid4().hex[:8]}"
    secret = await add(door, client_id)
    kept = await door.rows(
        "SELECT c::text || s::text AS row FROM partner_clients c JOIN client_secrets s USING (client_id)"
    )
    assert kept
    assert all(secret[-43:] not in row.row for row in kept)


async def test_every_refusal_is_the_same_and_takes_as_long(door_of: OpenDoor) -> None:
    """Nobody learns which client exists, which is disabled, or how much of a secret was right."""
    door, client_id = await door_of("intake"), f"school-{uuid4().hex[:8]}"
    gone_id = f"{client_id}-gone"
    good, gone = await add(door, client_id), await add(door, gone_id)
    await door.rows("UPDATE partner_clients SET disabled_at = now() WHERE client_id = :id", id=gone_id)
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    attempts = {
        "wrong secret": (client_id, wrong),
        "another client's secret": (client_id, gone),
        "disabled": (gone_id, gone),
        "unknown client": ("no-such-system", good),
        "no form of a secret": (client_id, "x"),
        "no secret": (client_id, ""),
    }
    fastest: dict[str, float] = {}
    bodies: set[str] = set()
    for _ in range(TRIES):
        for name, (client_id, secret) in attempts.items():
            began = time.perf_counter()
            answer = await sign_in(door, secret, client_id)
            fastest[name] = min(fastest.get(name, 9.0), time.perf_counter() - began)
            assert answer.status_code == 401, name
            assert answer.headers["WWW-Authenticate"] == "Basic"
            bodies.add(str({key: value for key, value in answer.json().items() if key != "correlation_id"}))
    assert len(bodies) == 1
    assert max(fastest.values()) - min(fastest.values()) < SAME_CLASS_SECONDS, fastest


async def test_a_disabled_client_gets_no_more_tokens(door_of: OpenDoor) -> None:
    door, client_id = await door_of("intake"), f"school-{uuid4().hex[:8]}"
    secret = await add(door, client_id)
    assert (await sign_in(door, secret, client_id)).status_code == 200
    await door.rows("UPDATE partner_clients SET disabled_at = now() WHERE client_id = :id", id=client_id)
    assert (await sign_in(door, secret, client_id)).status_code == 401
