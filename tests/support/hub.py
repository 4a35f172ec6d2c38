"""The whole hub as processes on this machine: four services, real PostgreSQL, a real bus. For end-to-end tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
from sqlalchemy.ext.asyncio import create_async_engine

from mash.databases import ensure_databases
from mash.environment import settings_for
from mash.migrations import create_topics, migrate_databases
from mash.postgres import EmbeddedPostgres, temporary_postgres
from mash.services import SERVICES
from mash.supervisor import Program, Supervisor
from services.intake.adapters.repositories import clients
from shared.contracts.topics import TOPIC_OF, topics_heard_by
from tests.support.eventually import eventually
from tests.support.report import PARTS

KINDS = ("api", "worker")


@dataclass(kw_only=True)
class Hub:
    """A running hub: ask it, break it, look into its databases."""

    postgres: EmbeddedPostgres
    settings: dict[str, str] = field(repr=False)
    supervisor: Supervisor
    http: httpx2.AsyncClient
    said: list[str] = field(default_factory=list[str])
    _tokens: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]], repr=False)

    def url(self, service: str) -> str:
        """Where a service serves."""
        return f"http://127.0.0.1:{self.settings[f'MASH_{service.upper()}_PORT']}"

    async def token(
        self, role: str, *, subject: str = "duty.worker", organisation: str = "health-visiting"
    ) -> dict[str, str]:
        """Headers with a token, kept: they last ten minutes."""
        name = f"{role}:{subject}:{organisation}"
        if name not in self._tokens:
            self._tokens[name] = await (
                self._partner_token(organisation) if role == "partner" else self._staff_token(role, subject)
            )
        return self._tokens[name]

    async def _staff_token(self, role: str, subject: str) -> dict[str, str]:
        body = {"role": role, "subject": subject}
        answer = await self.http.post(f"{self.url('intake')}/development/token", json=body)
        return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}

    async def _partner_token(self, organisation: str) -> dict[str, str]:
        client_id = f"{organisation}-{uuid4().hex[:6]}"
        engine = create_async_engine(self.settings["MASH_INTAKE_OWNER_DATABASE_URL"])
        async with engine.begin() as connection:
            secret = await clients.add_client(
                connection,
                client_id=client_id,
                organisation=organisation,
                name="end to end",
                role="partner",
                environment="test",
            )
        await engine.dispose()
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret.text}
        answer = await self.http.post(f"{self.url('intake')}/v1/token", data=form)
        return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}

    async def tell(self, contact: dict[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """Posts a contact until it is accepted, with one idempotency key; the acknowledgement."""
        headers = {**await self.token("partner"), "Idempotency-Key": key or str(uuid4())}

        async def accepted() -> dict[str, Any] | None:
            try:
                answer = await self.http.post(f"{self.url('intake')}/v1/contacts", json=contact, headers=headers)
            except httpx2.TransportError:
                return None
            assert answer.status_code in {201, 409, 429, 503}, answer.text
            return answer.json() if answer.status_code == 201 else None

        return await eventually(accepted, within_seconds=90, every_seconds=0.2)

    async def rows(self, service: str, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Looks into a service's database."""
        connection = await asyncpg.connect(self.postgres.dsn(f"mash_{service}"))
        try:
            return [dict(row) for row in await connection.fetch(sql, *values)]
        finally:
            await connection.close()

    def kill(self, name: str, wish: signal.Signals = signal.SIGKILL) -> None:
        """Ends one process, ``triage-worker`` for example; the supervisor starts it again."""
        with contextlib.suppress(ProcessLookupError):  # it may be just then between two lives
            os.kill(self.supervisor.pid(name), wish)

    async def at_rest(self, *, within_seconds: float = 60) -> None:
        """Waits until nothing is on its way: no unpublished row, nothing unread on the bus, no message to be sent."""
        calm = 0

        async def quiet() -> bool:
            nonlocal calm
            calm = calm + 1 if await self._quiet() else 0
            return calm >= 4

        await eventually(quiet, within_seconds=within_seconds, every_seconds=0.25)

    async def _quiet(self) -> bool:
        for service in SERVICES:
            if await self.rows(service.name, "SELECT 1 FROM outbox LIMIT 1"):
                return False
        waiting = await self.rows(  # an alert that gathers waits for minutes, to go with others
            "notify",
            "SELECT 1 FROM messages WHERE state IN ('waiting', 'leased', 'retrying')"
            " AND (gathered_until IS NULL OR gathered_until <= mash_now()) LIMIT 1",
        )
        return not waiting and await self._heard_all()

    async def _heard_all(self) -> bool:
        """True when every service has applied, or parked, the last that each other one said of each contact."""
        for service in SERVICES:
            said = await self.rows(service.name, "SELECT contact_id, sent FROM contact_stream WHERE sent > 0")
            last = {row["contact_id"]: row["sent"] for row in said}
            for hearer in SERVICES:
                if TOPIC_OF[service.name] in topics_heard_by(hearer.name):
                    sql = "SELECT contact_id, coalesce((seen ->> $1)::int, 0) AS seen FROM contact_stream"
                    seen = {row["contact_id"]: row["seen"] for row in await self.rows(hearer.name, sql, service.name)}
                    if any(seen.get(contact_id, 0) < sent for contact_id, sent in last.items()):
                        return False
        return True


def free_ports(number: int) -> list[int]:
    """Ports nobody listens on at the moment."""
    held = [socket.socket() for _ in range(number)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


@asynccontextmanager
async def running_hub(folder: Path, *, kafka_bootstrap: str | None = None, **extra: str) -> AsyncGenerator[Hub]:
    """Starts it all over fresh databases; ends it all with the block. Logs are under ``folder``/logs."""
    with temporary_postgres() as postgres:
        ensure_databases(postgres)
        PARTS["services"] = "four, as eight processes"
        PARTS.setdefault("PostgreSQL", "embedded")
        settings = {**settings_for(postgres, data_dir=folder, kafka_bootstrap=kafka_bootstrap), **extra}
        ports = iter(free_ports(2 * len(SERVICES)))
        for service in SERVICES:
            settings[service.setting("PORT")] = str(next(ports))
            settings[service.setting("WORKER_PORT")] = str(next(ports))
        settings["MASH_INTAKE_URL"] = f"http://127.0.0.1:{settings['MASH_INTAKE_PORT']}"
        await asyncio.to_thread(migrate_databases, settings, SERVICES)
        await asyncio.to_thread(create_topics, settings)
        said: list[str] = []
        supervisor = Supervisor(logs=folder / "logs", say=said.append)
        try:
            await supervisor.start(_programs(settings))
            async with httpx2.AsyncClient(timeout=10) as http:
                hub = Hub(postgres=postgres, settings=settings, supervisor=supervisor, http=http, said=said)
                await eventually(lambda: _ready(hub), within_seconds=60, every_seconds=0.2)
                yield hub
        finally:
            await supervisor.stop()


def _programs(settings: dict[str, str]) -> list[Program]:
    return [
        Program(
            name=f"{service.name}-{kind}",
            command=(sys.executable, "-m", f"services.{service.name}", kind),
            environment={**os.environ, **settings},
        )
        for service in SERVICES
        for kind in KINDS
    ]


async def _ready(hub: Hub) -> bool:
    for service in SERVICES:
        for setting in ("PORT", "WORKER_PORT"):
            try:
                answer = await hub.http.get(f"http://127.0.0.1:{hub.settings[service.setting(setting)]}/readyz")
            except httpx2.TransportError:
                return False
            if answer.status_code != 200:
                return False
    return True


def payload(row: dict[str, Any]) -> dict[str, Any]:
    """The data of an event as a database row holds it."""
    return json.loads(bytes(row["value"]))
