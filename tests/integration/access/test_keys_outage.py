"""Intake is down: the other services go on with the last good keys, which they keep in their own databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
import pytest

from shared.process import serve
from tests.integration.access.conftest import Variables
from tests.integration.access.door import open_door
from tests.support.eventually import eventually
from tests.support.hub import free_ports
from tests.support.issuers import Issuers

pytestmark = pytest.mark.asyncio(loop_scope="package")

LISTS = {"triage": "/v1/triage", "deadlines": "/v1/deadlines", "notify": "/v1/notifications"}


@asynccontextmanager
async def intake_serving(variables: dict[str, str], port: int) -> AsyncGenerator[httpx2.AsyncClient]:
    """Intake on a port of this machine, as the other services reach it."""
    stop = asyncio.Event()
    async with open_door("intake", variables) as door, httpx2.AsyncClient() as http:
        serving = asyncio.create_task(serve(door.app, host="127.0.0.1", port=port, stop=stop, graceful_seconds=1))

        async def alive() -> bool:
            try:
                return (await http.get(f"http://127.0.0.1:{port}/livez")).status_code == 200
            except httpx2.TransportError:
                return False

        try:
            await eventually(alive)
            yield http
        finally:
            stop.set()
            await serving


async def test_the_last_good_keys_outlive_intake_and_a_restart(variables: Variables) -> None:
    port = free_ports(1)[0]
    address = {"MASH_INTAKE_URL": f"http://127.0.0.1:{port}"}
    settings = {service: variables(service) | address for service in LISTS}
    async with intake_serving(variables("intake") | address, port) as http:
        body = {"role": "manager", "subject": "duty.manager"}
        token = (await http.post(f"http://127.0.0.1:{port}/development/token", json=body)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        for service, path in LISTS.items():
            async with open_door(service, settings[service]) as door:
                assert (await door.client.get(path, headers=headers)).status_code == 200

    forged = Issuers().staff("manager", issuer=f"http://127.0.0.1:{port}/development")
    for service, path in LISTS.items():
        async with open_door(service, settings[service]) as restarted:
            assert (await restarted.client.get(path, headers=headers)).status_code == 200
            stranger = await restarted.client.get(path, headers={"Authorization": f"Bearer {forged}"})
            assert stranger.status_code == 401

    async with open_door("triage", variables("triage") | address) as never_saw_a_key:
        answer = await never_saw_a_key.client.get(LISTS["triage"], headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
