"""A triage process over a database of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from services.triage.bootstrap import Triage
from services.triage.entrypoints.api import make_app
from services.triage.entrypoints.worker import HANDLERS, WHEN_PARKED
from services.triage.settings import TriageSettings
from shared.messaging.apply import Applier
from shared.service import CommonSettings, open_platform
from tests.support.builders_triage import RED, received, told
from tests.support.deliveries import delivered
from tests.support.issuers import Issuers


class Desk:
    """Triage with its applier, and a look into its tables."""

    def __init__(self, triage: Triage) -> None:
        self.triage = triage
        self.applier = Applier(service="triage", open_work=triage.work, handlers=HANDLERS, when_parked=WHEN_PARKED)

    async def rows(self, statement: str, **parameters: object) -> list[Any]:
        """The rows of a statement."""
        async with self.triage.platform.engine.begin() as connection:
            found = await connection.execute(text(statement), parameters)
            return list(found.all()) if found.returns_rows else []

    async def said(self, name: str) -> list[dict[str, Any]]:
        """The data of every event of this type in the event log, in the order they were said."""
        logged = await self.rows("SELECT headers, value FROM event_log ORDER BY created_at, contact_id, sequence")
        return [json.loads(bytes(row.value)) for row in logged if f".{name}." in dict(row.headers)["ce_type"]]


@pytest.fixture
async def desk(settings_for: Callable[[str], CommonSettings]) -> AsyncIterator[Desk]:
    """A triage process over a fresh database."""
    settings = TriageSettings(common=settings_for("triage"))
    async with open_platform(settings.common) as platform:
        yield Desk(Triage(settings=settings, platform=platform))


class Staff:
    """Members of staff at the API: by name, each with a role."""

    def __init__(self, client: AsyncClient, issuers: Issuers) -> None:
        self.client = client
        self.issuers = issuers

    def headers(self, who: str, role: str) -> dict[str, str]:
        token = self.issuers.service(subject=who) if role == "service" else self.issuers.staff(role, subject=who)
        return {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, *, who: str = "ann", role: str = "practitioner") -> Response:
        """One read."""
        return await self.client.get(path, headers=self.headers(who, role))

    async def etag(self, contact: UUID) -> str:
        """The contact's current ETag."""
        return (await self.get(f"/v1/triage/{contact}")).headers["ETag"]

    async def post(
        self,
        contact: UUID,
        what: str,
        body: dict[str, Any] | None = None,
        *,
        who: str = "ann",
        role: str = "practitioner",
        if_match: str | None = None,
        key: str | None = None,
    ) -> Response:
        """One write, with the current ETag unless another is given."""
        headers = self.headers(who, role) | {"Idempotency-Key": key or str(uuid4())}
        match = if_match if if_match is not None else await self.etag(contact)
        if match:
            headers["If-Match"] = match
        return await self.client.post(f"/v1/triage/{contact}/{what}", headers=headers, json=body)


@pytest.fixture
async def staff(desk: Desk) -> AsyncIterator[Staff]:
    """The API over the same database, and tokens for its staff."""
    issuers = Issuers()
    desk.triage.platform.verifier = issuers.verifier
    transport = ASGITransport(make_app(desk.triage))
    async with AsyncClient(transport=transport, base_url="http://triage.example.org") as client:
        yield Staff(client, issuers)


@pytest.fixture
async def contact(desk: Desk) -> UUID:
    """A contact about two children, one of them red."""
    contact = uuid4()
    await desk.applier.process([delivered(received(contact, told(contact, facts=RED), told(contact, 2)))])
    return contact
