"""At each host's door: so many at a time, nobody while it is down. Whoever cannot pass comes back later, at no cost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.notify.application.ports import SendResult, TryLater, Why
from services.notify.domain.model.breaker import Breaker
from services.notify.domain.policy import schedule
from shared.clock import Clock

AT_ONCE: Final = 4
"""Letters on their way to one host: a slow one holds up its own letters and nobody else's."""
PATIENCE_SECONDS: Final = 1
"""A host that is well has a turn free in this time; whoever waits takes up room that others need."""


@dataclass(frozen=True, slots=True)
class Shut:
    """Not now: why, and when to come back (real time)."""

    reason: str
    until: datetime


@dataclass(slots=True)
class Gate:
    """The doors of all hosts, as one process sees them."""

    breaker: Breaker = field(default_factory=Breaker)
    patience: float = PATIENCE_SECONDS
    _turns: dict[str, asyncio.Semaphore] = field(default_factory=dict[str, asyncio.Semaphore])

    async def enter(self, host: str, clock: Clock, *, chance: float) -> Shut | None:
        """None: go, and leave again whatever happens. ``chance`` in [0, 1) spreads those who come back."""
        turns = self._turns.setdefault(host, asyncio.Semaphore(AT_ONCE))
        try:
            async with asyncio.timeout(self.patience):
                await turns.acquire()
        except TimeoutError:
            return Shut("host_busy", clock.now() + schedule.spread(schedule.HOST_BUSY_SECONDS, chance=chance))
        until = self.breaker.closed_until(host, clock.now())
        if until is None:
            return None
        turns.release()
        return Shut("host_left_alone", until + timedelta(seconds=schedule.HOST_BUSY_SECONDS * chance))

    def leave(self, host: str, result: SendResult | None, now: datetime) -> None:
        """It has answered (with what), or nothing was asked of it (None)."""
        self._turns[host].release()
        if isinstance(result, TryLater) and result.why is Why.HOST:
            self.breaker.failed(host, now)
        elif result is not None:
            self.breaker.succeeded(host)
