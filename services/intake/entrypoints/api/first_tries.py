"""When a request that failed was first tried: its contact's clocks start there, even if only the third try got through.

What cannot be written down while the database is away is remembered by the process. It is a second net: a sender that
says ``first_attempted_at`` does not need it, and another process does not have it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

MOST = 10_000


class FirstTries:
    """The first failed try of each key. Times are counted by a clock that nobody can set (seconds)."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, str], float] = {}

    def failed(self, caller: str, key: str, *, at: float) -> None:
        """Remembers a try that failed because something of ours was away; the oldest are forgotten first."""
        if len(self._failed) >= MOST:
            del self._failed[next(iter(self._failed))]
        self._failed.setdefault((caller, key), at)

    def first_try(self, caller: str, key: str, *, at: float, now: datetime) -> datetime | None:
        """When this key was first tried, in the time of ``now``; None where it had not failed before."""
        failed = self._failed.get((caller, key))
        return None if failed is None else now - timedelta(seconds=at - failed)

    def kept(self, caller: str, key: str) -> None:
        """It got through."""
        self._failed.pop((caller, key), None)
