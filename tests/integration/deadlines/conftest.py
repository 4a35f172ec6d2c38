"""A deadlines process over a database of its own, whose business time the test sets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text

from services.deadlines.bootstrap import Deadlines, wire
from services.deadlines.entrypoints.api import make_app
from services.deadlines.entrypoints.worker import HANDLERS, WHEN_PARKED, fire_once
from services.deadlines.settings import DeadlinesSettings
from shared.contracts.envelope import Event
from shared.messaging.apply import Applier
from shared.messaging.bus import Delivered
from shared.service import CommonSettings, open_platform
from tests.support.builders_deadlines import delivered
from tests.support.issuers import Issuers


class Hub:
    """The process, fed by hand."""

    def __init__(self, deadlines: Deadlines) -> None:
        self.deadlines = deadlines
        self.applier = Applier(
            service="deadlines", open_work=deadlines.work, handlers=HANDLERS, when_parked=WHEN_PARKED
        )

    async def hear(self, *events: Event[Any]) -> None:
        """One batch."""
        await self.applier.process(delivered(*events))

    async def take(self, *records: Delivered) -> None:
        """One batch of records as they are."""
        await self.applier.process(records)

    async def it_is(self, now: datetime) -> None:
        """Sets business time, which then runs on from there."""
        async with self.deadlines.platform.engine.begin() as connection:
            await connection.execute(text("UPDATE clock SET anchor_real = now(), anchor_business = :now"), {"now": now})

    async def fire(self) -> int:
        """One round of the firing loop."""
        return await fire_once(self.deadlines)

    async def rows(self, query: str, **parameters: object) -> list[Any]:
        """What the database holds."""
        async with self.deadlines.platform.engine.connect() as connection:
            return list((await connection.execute(text(query), parameters)).mappings())

    async def said(self) -> list[tuple[str, dict[str, Any]]]:
        """Everything said so far, in order: the event's short name and its data."""
        rows = await self.rows("SELECT headers, convert_from(value, 'UTF8')::jsonb AS data FROM outbox ORDER BY id")
        return [(dict(row["headers"])["ce_type"].split(".")[3], row["data"]) for row in rows]

    async def states(self) -> dict[str, str]:
        """The state of each kind of clock; of one contact with one subject."""
        return {row["kind"]: row["state"] for row in await self.rows("SELECT kind, state FROM deadlines")}


@pytest.fixture
async def hub(settings_for: Callable[[str], CommonSettings]) -> AsyncGenerator[Hub]:
    async with open_hub(settings_for("deadlines")) as opened:
        yield opened


@asynccontextmanager
async def open_hub(common: CommonSettings, *, feeds: frozenset[str] = frozenset()) -> AsyncGenerator[Hub]:
    settings = DeadlinesSettings(common=common, milestone_feeds=feeds, fire_batch=500)
    async with open_platform(common) as platform:
        yield Hub(wire(platform, settings))


class Staff:
    """Asks the API with a member of staff's token."""

    def __init__(self, client: httpx2.AsyncClient, issuers: Issuers) -> None:
        self._client = client
        self._issuers = issuers

    async def get(self, path: str, *, role: str = "practitioner", **parameters: Any) -> httpx2.Response:
        headers = self.headers(role) | {"Accept": parameters.pop("accept", "*/*")}
        return await self._client.get(path, params=parameters or None, headers=headers)

    async def post(
        self, path: str, *, body: Any, role: str = "practitioner", key: str | None = None
    ) -> httpx2.Response:
        headers = self.headers(role) | {"Idempotency-Key": key or str(uuid4())}
        return await self._client.post(path, json=body, headers=headers)

    def headers(self, role: str) -> dict[str, str]:
        token = self._issuers.staff(roles=[role]) if role != "partner" else self._issuers.partner()
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def staff(hub: Hub) -> AsyncGenerator[Staff]:
    issuers = Issuers()
    hub.deadlines.platform.verifier = issuers.verifier
    transport = httpx2.ASGITransport(make_app(hub.deadlines))
    async with httpx2.AsyncClient(transport=transport, base_url="http://deadlines") as client:
        yield Staff(client, issuers)
