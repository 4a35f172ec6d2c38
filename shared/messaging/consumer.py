"""The consumer loop: poll → apply → commit the offsets, for ever, whatever is away for a while."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence

from shared.contracts.topics import EVENTS
from shared.database.faults import is_infrastructure
from shared.logging import get_logger
from shared.metrics import Metrics

from .apply import Applier
from .bus import BusUnavailable, Delivered, Record, Subscription
from .patience import Patience

log = get_logger()

BATCH = 500
POLL_SECONDS = 0.2


class Consumer:
    """Feeds one service's events to its applier. Offsets move only after the batch is committed or parked."""

    def __init__(self, *, subscription: Subscription, applier: Applier, metrics: Metrics | None = None) -> None:
        self._subscription = subscription
        self._applier = applier
        self._metrics = metrics or Metrics()
        self._moved_at = time.monotonic()

    async def run(self, stopping: asyncio.Event) -> None:
        """Runs until ``stopping``; finishes the batch it has. What is nobody's passing fault is raised: the process
        ends and is started again.
        """
        patience = Patience()
        await self._start(stopping, patience)
        try:
            while not stopping.is_set():
                await self._once(stopping, patience)
        finally:
            await self._subscription.stop()

    async def _once(self, stopping: asyncio.Event, patience: Patience) -> None:
        try:
            batch = await self._subscription.poll(max_records=BATCH, timeout_seconds=POLL_SECONDS)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("consumer waits for the bus", error=type(error).__name__)
            await patience.wait(stopping)
            return
        if not batch:
            return
        started = time.perf_counter()
        if await self._process(batch, stopping, patience):
            patience.reset()
            self._count(batch, time.perf_counter() - started)
            await self._subscription.commit(positions_after(batch))
            self._moved_at = time.monotonic()
        else:
            await self._subscription.rewind(positions_before(batch))

    def _count(self, batch: Sequence[Delivered], seconds: float) -> None:
        topics = Counter(one.record.topic for one in batch)
        for topic, size in topics.items():
            self._metrics.batch(topic, size, seconds)
        for (topic, kind), number in Counter((one.record.topic, type_of(one.record)) for one in batch).items():
            self._metrics.handled(topic, kind, number)

    async def measure_lag(self, group: str) -> None:
        """Sets the gauge of what this group has not dealt with yet; nothing while the bus is away."""
        with contextlib.suppress(BusUnavailable):
            records = await self._subscription.lag()
            self._moved_at = self._moved_at if records else time.monotonic()
            self._metrics.lag(group, records)
            self._metrics.figures.stalled(group, time.monotonic() - self._moved_at)

    async def _process(self, batch: Sequence[Delivered], stopping: asyncio.Event, patience: Patience) -> bool:
        """True when the whole batch has been dealt with; False when we must stop before that."""
        while not stopping.is_set():
            try:
                await self._applier.process(batch)
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                log.warning("consumer waits for its database", error=type(error).__name__)
                await self._subscription.hold()
                await patience.wait(stopping)
            else:
                return True
        return False

    async def _start(self, stopping: asyncio.Event, patience: Patience) -> None:
        while not stopping.is_set():
            try:
                await self._subscription.start()
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                log.warning("consumer waits for the bus", error=type(error).__name__)
                await patience.wait(stopping)
            else:
                return


def type_of(record: Record) -> str:
    """The event's name as the registry has it; "other" for one that is not there: labels must stay few."""
    known = EVENTS.get(dict(record.headers).get("ce_type", b"").decode("utf-8", "replace"))
    return known.__name__ if known else "other"


def positions_after(batch: Sequence[Delivered]) -> dict[tuple[str, int], int]:
    """The offsets to commit: one past the last of each partition."""
    return {(one.record.topic, one.partition): one.offset + 1 for one in batch}


def positions_before(batch: Sequence[Delivered]) -> dict[tuple[str, int], int]:
    """The offsets to go back to: the first of each partition."""
    return {(one.record.topic, one.partition): one.offset for one in reversed(batch)}
