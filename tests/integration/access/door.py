"""The four services behind their real web applications, each over a database of its own, with one contact in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI
from sqlalchemy import text

from services.deadlines.bootstrap import open_deadlines
from services.deadlines.entrypoints import api as deadlines_api
from services.deadlines.entrypoints import worker as deadlines_worker
from services.deadlines.settings import read_settings as deadlines_settings
from services.intake.bootstrap import open_intake
from services.intake.entrypoints import api as intake_api
from services.intake.entrypoints import worker as intake_worker
from services.intake.entrypoints.schemas.contact import EXAMPLE
from services.notify.bootstrap import open_notify
from services.notify.entrypoints import api as notify_api
from services.notify.entrypoints import worker as notify_worker
from services.notify.settings import NotifySettings
from services.triage.bootstrap import open_triage
from services.triage.entrypoints import api as triage_api
from services.triage.entrypoints import worker as triage_worker
from services.triage.settings import TriageSettings
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.apply import Applier
from shared.messaging.bus import Delivered
from shared.service import CommonSettings, Platform
from shared.settings import Environment
from tests.support import builders_deadlines, builders_notify, builders_triage
from tests.support.deliveries import delivered
from tests.support.issuers import Issuers

SERVICES = ("intake", "triage", "deadlines", "notify")
OWN, OTHER = "school-1", "school-2"
ABSENT = UUID("00000000-0000-4000-8000-00000000dead")


@dataclass(kw_only=True)
class Door:
    """One service as outsiders meet it, and a look behind it."""

    service: str
    app: FastAPI
    platform: Platform
    applier: Applier
    client: httpx2.AsyncClient
    issuers: Issuers
    ids: dict[str, str] = field(default_factory=dict[str, str])
    """What the placeholders of its paths stand for: things that are there."""

    def headers(self, who: str) -> dict[str, str]:
        """Headers with a rightly signed token of a role; "other partner" is one of another organisation."""
        tokens: Mapping[str, Callable[[], str]] = {
            "partner": lambda: self.issuers.partner(OWN),
            "other partner": lambda: self.issuers.partner(OTHER),
            "service": self.issuers.service,
        }
        token = tokens[who]() if who in tokens else self.issuers.staff(who)
        return {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, who: str | None = None, **request: Any) -> httpx2.Response:
        """One request with an idempotency key of its own; placeholders in ``path`` are filled."""
        headers = {"Idempotency-Key": str(uuid4()), **(self.headers(who) if who else {}), **request.pop("headers", {})}
        return await self.client.request(method, path.format_map(self.ids), headers=headers, **request)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """The rows of a statement, as the service's own role."""
        async with self.platform.engine.begin() as connection:
            found = await connection.execute(text(statement), values)
            return list(found.all()) if found.returns_rows else []

    async def hear(self, *records: Delivered) -> None:
        """One batch from the bus."""
        await self.applier.process(records)

    async def audited(self) -> list[Any]:
        """Every audit row, oldest first."""
        return await self.rows("SELECT * FROM audit ORDER BY occurred_at, id")


@asynccontextmanager
async def open_door(
    service: str, variables: Mapping[str, str], *, issuers: Issuers | None = None
) -> AsyncGenerator[Door]:
    """Opens one service. With ``issuers`` it believes their tokens; else it fetches keys, as in earnest."""
    async with AsyncExitStack() as closing:
        app, platform, applier = await _open(closing, service, Environment(variables), issuers)
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        client = await closing.enter_async_context(
            httpx2.AsyncClient(transport=transport, base_url=f"http://{service}.example.org")
        )
        known = issuers or Issuers()
        yield Door(service=service, app=app, platform=platform, applier=applier, client=client, issuers=known)


async def _open(
    closing: AsyncExitStack, service: str, env: Environment, issuers: Issuers | None
) -> tuple[FastAPI, Platform, Applier]:
    opened: Any
    match service:
        case "intake":
            opened = await closing.enter_async_context(open_intake(CommonSettings.read(env, "intake")))
            make, worker = intake_api.make_app, intake_worker
        case "triage":
            opened = await closing.enter_async_context(open_triage(TriageSettings.read(env)))
            make, worker = triage_api.make_app, triage_worker
        case "deadlines":
            opened = await closing.enter_async_context(open_deadlines(deadlines_settings(env)))
            make, worker = deadlines_api.make_app, deadlines_worker
        case _:
            opened = await closing.enter_async_context(open_notify(NotifySettings.read(env)))
            make, worker = notify_api.make_app, notify_worker
    platform: Platform = opened.platform
    if issuers is not None:
        platform.verifier = issuers.verifier
    open_work: Callable[[], UnitOfWork] = opened.work
    applier = Applier(service=service, open_work=open_work, handlers=worker.HANDLERS, when_parked=worker.WHEN_PARKED)
    return make(opened), platform, applier


async def put_a_contact_in(door: Door) -> None:
    """One contact that the service knows; its ids fill the placeholders of the paths."""
    ids = {"policy_id": door.platform.pack.id, "framework": door.platform.pack.id, "message_id": str(ABSENT)}
    if door.service == "intake":
        told = await door.ask("POST", "/v1/contacts", "partner", json=EXAMPLE)
        ids["contact_id"] = told.json()["id"]
    elif door.service == "triage":
        contact = uuid4()
        subject = builders_triage.told(contact, facts=builders_triage.RED)
        await door.hear(delivered(builders_triage.received(contact, subject)))
        ids["contact_id"] = str(contact)
        ids["subject_id"] = str(builders_triage.subject_id(contact))
    elif door.service == "deadlines":
        life = builders_deadlines.Life("known")
        await door.hear(delivered(life.received()), delivered(life.rated("red-abuse")))
        ids["contact_id"] = str(life.id)
        # A worker next door, for as long as these tests may take: without one this API is not ready.
        await door.rows("INSERT INTO heartbeats VALUES ('fire', now() + interval '1 hour')")
    else:
        life = builders_notify.Life("known")
        await door.hear(delivered(life.received()), delivered(life.rated()))
        ids["contact_id"] = str(life.id)
        ids["notification_id"] = str((await door.rows("SELECT id FROM messages ORDER BY created_at LIMIT 1"))[0].id)
    door.ids = ids
