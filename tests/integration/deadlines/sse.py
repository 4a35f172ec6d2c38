"""The stream of clock changes over a real server, and a client that reads it as browsers do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mash.kafka_probe import free_port_pair
from services.deadlines.entrypoints.api import make_app
from shared.process import run_together, serve
from tests.integration.deadlines.conftest import Hub
from tests.support.eventually import eventually
from tests.support.issuers import Issuers

PATH = "/v1/deadlines/stream"
SAY = text(
    "INSERT INTO event_log (contact_id, sequence, event_id, topic, headers, value)"
    " VALUES (:contact, :sequence, :event, 'mash.deadlines.v1', CAST(:headers AS jsonb), '{}')"
)
SAY_OF_EACH = text(
    "INSERT INTO event_log (contact_id, sequence, event_id, topic, headers, value)"
    " SELECT contact, 1, contact, 'mash.deadlines.v1', CAST(:headers AS jsonb), '{}'"
    " FROM unnest(CAST(:contacts AS uuid[])) AS contact"
)
HEADERS = json.dumps([["ce_type", "uk.mash.deadlines.DeadlineMet.v1"], ["ce_time", "2026-11-18T12:00:00Z"]])


@dataclass(frozen=True)
class Sent:
    """One event as a client gets it."""

    id: str
    name: str
    data: dict[str, Any]

    @property
    def key(self) -> tuple[str, int]:
        """Whose event it is, and which."""
        return self.data["contact_id"], self.data["sequence"]


class Api:
    """The API of a running process."""

    def __init__(
        self, client: httpx2.AsyncClient, issuers: Issuers, stop: asyncio.Event, running: asyncio.Task[None]
    ) -> None:
        self.client = client
        self.issuers = issuers
        self.stop = stop
        self.running = running

    @asynccontextmanager
    async def listen(self, *, after: str = "", who: str = "somebody", role: str = "ops") -> AsyncGenerator[Stream]:
        """An open stream."""
        headers = {"Authorization": f"Bearer {self.issuers.staff(role, subject=who)}"}
        headers |= {"Last-Event-ID": after} if after else {}
        async with self.client.stream("GET", PATH, headers=headers) as answer:
            if answer.status_code != 200:
                await answer.aread()
            yield Stream(answer)


class Stream:
    """The answer, read event by event; ``last`` is the id that a browser would come back with."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.answer = answer
        self.last = ""
        self._lines = answer.aiter_lines()

    async def events(self) -> AsyncIterator[Sent]:
        """Every event, ``end`` included."""
        name, data = "", ""
        async for line in self._lines:
            field, _, value = line.partition(": ")
            if not line:
                if data:
                    yield Sent(self.last, name, json.loads(data))
                name, data = "", ""
            elif field == "id":
                self.last = value
            elif field == "event":
                name = value
            elif field == "data":
                data = value

    async def take(self, count: int) -> list[Sent]:
        """The next so many events."""
        found: list[Sent] = []
        async for event in self.events():
            found.append(event)
            if len(found) == count:
                break
        return found


@asynccontextmanager
async def serving(hub: Hub) -> AsyncGenerator[Api]:
    """The API on a port of its own, with its reader running."""
    issuers, stop, port = Issuers(), asyncio.Event(), free_port_pair()
    hub.deadlines.platform.verifier = issuers.verifier
    answering = serve(make_app(hub.deadlines), host="127.0.0.1", port=port, stop=stop)
    running = asyncio.create_task(run_together(stop, answering, hub.deadlines.listeners.run(stop)))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

        async def answers() -> bool:
            try:
                return (await client.get("/livez")).status_code == 200
            except httpx2.TransportError:
                return False

        await eventually(answers)
        try:
            yield Api(client, issuers, stop, running)
        finally:
            stop.set()
            await running


async def say(connection: AsyncConnection, contact_id: UUID, sequence: int) -> None:
    """Something is said of a contact, in the transaction of ``connection``."""
    row = {"contact": contact_id, "sequence": sequence, "event": uuid4(), "headers": HEADERS}
    await connection.execute(SAY, row)


async def say_of_each(connection: AsyncConnection, contact_ids: Sequence[UUID]) -> None:
    """The first thing is said of many contacts, in one statement."""
    await connection.execute(SAY_OF_EACH, {"contacts": list(contact_ids), "headers": HEADERS})
