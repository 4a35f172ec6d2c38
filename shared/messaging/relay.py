"""The relay: outbox → bus → delete. One leader a service, so that each contact's events keep their order."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

from shared.database.faults import is_infrastructure
from shared.database.session_lock import SessionLock
from shared.logging import get_logger
from shared.metrics import Metrics

from .bus import Publisher
from .outbox import forget_published, read_outbox
from .patience import Patience, pause

log = get_logger()

BATCH = 1000
IDLE_SECONDS = 0.03
STANDBY_SECONDS = 0.5


class Relay:
    """Publishes what the outbox holds, oldest first, and deletes it only after the bus has confirmed it."""

    def __init__(self, *, lock: SessionLock, publisher: Publisher, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._lock = lock
        self._publisher = publisher
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Called in this process after a commit that said something."""
        self._wake.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Runs until ``stopping``; a fault of database or bus is waited out, everything else is raised."""
        patience = Patience()
        while not stopping.is_set():
            try:
                if await self._lock.try_acquire():
                    await self._lead(stopping, patience)
                else:
                    await pause(stopping, STANDBY_SECONDS)
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                log.warning("relay waits", error=type(error).__name__)
                with contextlib.suppress(Exception):
                    await self._lock.release()
                await patience.wait(stopping)
        await self._lock.release()

    async def _lead(self, stopping: asyncio.Event, patience: Patience) -> None:
        while not stopping.is_set():
            published = await self.publish_once()
            patience.reset()
            if published < BATCH:
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)

    async def publish_once(self) -> int:
        """Publishes the oldest rows; returns how many. No transaction is open while the bus is waited for."""
        connection = self._lock.connection
        rows = await read_outbox(connection, most=BATCH)
        if rows:
            await self._publisher.publish([row.record for row in rows])
            await forget_published(connection, [row.id for row in rows])
            for topic, number in Counter(row.record.topic for row in rows).items():
                self._metrics.published(topic, number)
        return len(rows)
