"""Waiting out a fault: longer each time, never longer than the stop."""

from __future__ import annotations

import asyncio
import contextlib
import random

from .backoff import Backoff


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Sleeps, but not past the stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


class Patience:
    """Counts the failures in a row and waits accordingly."""

    def __init__(self, backoff: Backoff | None = None) -> None:
        self._backoff = backoff or Backoff()
        self._failures = 0

    def reset(self) -> None:
        """It went well again."""
        self._failures = 0

    async def wait(self, stopping: asyncio.Event) -> None:
        """After one more failure."""
        self._failures += 1
        await pause(stopping, self._backoff.seconds(self._failures, chance=random.random()))  # noqa: S311
