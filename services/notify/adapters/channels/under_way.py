"""Letters on their way: a round does not wait for a slow host, and what breaks in a letter is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Final

from services.notify.application.ports import Channel, Letter, SendResult, TryLater, Why
from shared.logging import get_logger
from shared.metrics import Metrics

PATIENCE_SECONDS: Final = 0.5
CONNECTIONS: Final = 4
"""Many letters are on their way at once, but the pool of connections is shared with the consumer."""
log = get_logger()


@dataclass(slots=True)
class UnderWay:
    """The letters of one courier that have begun and not ended."""

    patience: float = PATIENCE_SECONDS
    """How long a round waits for its letters (seconds) before the next begins without those that are still out."""
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    """Held around each of their transactions."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def __len__(self) -> int:
        """How many there are."""
        return len(self._tasks)

    async def add(self, letters: Iterable[Coroutine[None, None, None]]) -> None:
        """Begins these, and waits a moment for all that are under way.

        Raises what broke in a letter that has ended (the database is away), once the others have had their moment.
        """
        self._tasks |= {asyncio.create_task(letter) for letter in letters}
        if not self._tasks:
            return
        ended, self._tasks = await asyncio.wait(self._tasks, timeout=self.patience)
        for fault in [task.exception() for task in ended if not task.cancelled()]:
            if fault is not None:
                raise fault

    async def close(self) -> None:
        """Lets go of what is still out: its lease runs out and the next worker carries on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


async def send(channel: Channel, letter: Letter, metrics: Metrics) -> SendResult:
    """Tries once. A fault in one channel must not stop every other letter; a set-up that is refused is an alarm."""
    try:
        result = await channel.send(letter)
    except Exception as fault:
        log.exception("the channel failed", channel=channel.name)
        return TryLater(f"fault_{type(fault).__name__}")
    if isinstance(result, TryLater) and result.why is Why.OURS:
        log.error("our set-up is refused: nobody is told by this channel", channel=channel.name, code=result.code)
        metrics.infrastructure_wait(f"channel_{channel.name}")
    return result
