"""A notify whose webhooks lead to receivers on loopback, its real time in our hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

from services.notify.adapters.channels.webhook_guard import Guard
from services.notify.adapters.channels.webhook_post import WebhookPost
from services.notify.adapters.channels.webhook_sender import WebhookSender
from services.notify.adapters.channels.webhook_words import new_secret
from services.notify.domain.model.webhook import SUBSCRIBABLE, Webhook
from services.notify.domain.policy.webhook_urls import AllowedPrivate
from shared.clock import FixedClock
from tests.support.receivers import authority

from .conftest import Desk

ORGANISATION = "school"
"""Whose contacts the builders' are."""
LOOPBACK = AllowedPrivate((ip_network("127.0.0.0/8"),))


async def to_loopback(host: str, port: int) -> list[str]:
    """Every name leads here."""
    del host, port
    return ["127.0.0.1"]


@dataclass
class WebhookDesk:
    """What a test of webhooks turns."""

    desk: Desk
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime.now(UTC) + timedelta(minutes=1)))
    seconds: float = 15

    def __post_init__(self) -> None:
        trust = authority().trust()
        self.post = WebhookPost(Guard(to_loopback, LOOPBACK), trust=trust, seconds=self.seconds)
        self.desk.notify.webhook_post = self.post
        self.desk.notify.platform.clock = self.clock  # type: ignore[assignment]

    def sender(self) -> WebhookSender:
        """Another worker's; each has a breaker of its own."""
        sender = self.desk.notify.webhook_sender()
        sender.chance, sender.patience_seconds = lambda: 0.5, 0
        return sender

    async def register(
        self, url: str, *, organisation: str = ORGANISATION, events: tuple[str, ...] | None = None
    ) -> Webhook:
        """A webhook that hears everything, unless told what."""
        webhook = Webhook(
            id=uuid4(),
            organisation=organisation,
            url=url,
            events=events or tuple(kind.value for kind in SUBSCRIBABLE),
            secret=new_secret(),
            created_at=self.clock.now(),
            created_by="client",
        )
        async with self.desk.notify.work() as work:
            await work.webhooks.keep(webhook)
            await work.commit()
        return webhook

    async def webhook(self, webhook_id: UUID) -> Webhook:
        """As it stands."""
        async with self.desk.notify.work() as work:
            found = await work.webhooks.one(webhook_id)
        assert found is not None
        return found

    async def run(self, sender: WebhookSender, *, most: int = 200) -> None:
        """Rounds until nothing is due and nothing is on its way."""
        for _ in range(most):
            if not await sender.send_due():
                return
        raise AssertionError("it goes on and on")

    async def states(self) -> list[str]:
        """The states of all deliveries."""
        query = "SELECT state FROM webhook_deliveries ORDER BY webhook_id, sequence"
        return [row["state"] for row in await self.desk.rows(query)]

    async def attempts(self) -> list[Any]:
        """All attempts, in order."""
        return await self.desk.rows("SELECT * FROM webhook_attempts ORDER BY started_at, event_id, number")


@asynccontextmanager
async def running(sender: WebhookSender) -> AsyncGenerator[WebhookSender]:
    """The loop as a worker runs it."""

    async def loop() -> None:
        while True:
            if not await sender.send_due():
                await asyncio.sleep(0.02)

    task = asyncio.create_task(loop())
    try:
        async with sender:
            yield sender
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
