"""Real time, as an argument: for tokens, leases, retry delays and polling.

Business time (received, due, decided) is not here: it is the database's `mash_now()`, read once when a unit of work
opens.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where real time comes from."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever go forward; for measuring and for waiting, never for writing down."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()


class FixedClock:
    """A clock that stands still until told to move; for tests."""

    def __init__(self, now: datetime, *, monotonic: float = 0.0) -> None:
        """Start at an aware time; raises ValueError for a naive one."""
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = now.astimezone(UTC)
        self._monotonic = monotonic

    def now(self) -> datetime:
        """The time it was set to, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds, moved by `advance` alone."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both clocks forward."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
