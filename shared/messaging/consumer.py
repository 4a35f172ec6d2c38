"""The consumer loop: poll → apply → commit the offsets, for ever, whatever is away for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.database.faults import is_infrastructure
from shared.logging import get_logger

from .apply import Applier
from .bus import Delivered, Subscription
from .patience import Patience

log = get_logger()

BATCH = 500
POLL_SECONDS = 0.2


class Consumer:
    """Feeds one service's events to its applier. Offsets move only after the batch is committed or parked."""

    def __init__(self, *, subscription: Subscription, applier: Applier) -> None:
        self._subscription = subscription
        self._applier = applier

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
        if await self._process(batch, stopping, patience):
            patience.reset()
            await self._subscription.commit(positions_after(batch))
        else:
            await self._subscription.rewind(positions_before(batch))

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


def positions_after(batch: Sequence[Delivered]) -> dict[tuple[str, int], int]:
    """The offsets to commit: one past the last of each partition."""
    return {(one.record.topic, one.partition): one.offset + 1 for one in batch}


def positions_before(batch: Sequence[Delivered]) -> dict[tuple[str, int], int]:
    """The offsets to go back to: the first of each partition."""
    return {(one.record.topic, one.partition): one.offset for one in reversed(batch)}
