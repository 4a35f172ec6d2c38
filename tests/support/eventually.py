"""Waiting for what comes: asked again and again until it holds, never a fixed sleep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")


async def eventually(
    ask: Callable[[], Awaitable[Found | None]], *, within_seconds: float = 20, every_seconds: float = 0.05
) -> Found:
    """The first true answer of ``ask``; its last AssertionError, or one of ours, when the time is over."""
    deadline = time.monotonic() + within_seconds
    while True:
        refused: AssertionError | None = None
        found = None
        try:
            found = await ask()
        except AssertionError as error:
            refused = error
        if refused is None and found:
            return found
        if time.monotonic() > deadline:
            raise refused or AssertionError(f"not within {within_seconds} s: {found!r}")
        await asyncio.sleep(every_seconds)
