"""A circuit breaker for each host that we send to: one that fails again and again is left alone for a while.

While it is open nobody calls the host and no attempt is spent; now and then one call goes through as a probe. It only
delays: what waits is kept with its own times, and other hosts are not touched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

OPENS_AFTER: Final = 5
"""Failures in a row."""
PROBES_EVERY: Final = timedelta(seconds=30)


@dataclass(slots=True)
class _Host:
    failures: int = 0
    probe_at: datetime | None = None


@dataclass(slots=True)
class Breaker:
    """What one process has seen of the hosts it calls. Times are real."""

    _hosts: dict[str, _Host] = field(default_factory=dict[str, _Host])

    def closed_until(self, host: str, now: datetime) -> datetime | None:
        """None: call it. Otherwise when to come back; asking at that time is answered with None once, as the probe."""
        known = self._hosts.get(host)
        if known is None or known.probe_at is None:
            return None
        if now < known.probe_at:
            return known.probe_at
        known.probe_at = now + PROBES_EVERY
        return None

    def is_open(self, host: str) -> bool:
        """Whether it is left alone: then what goes through is a probe, and one is enough."""
        known = self._hosts.get(host)
        return known is not None and known.probe_at is not None

    def succeeded(self, host: str) -> None:
        """It answered as it should, or at least answered: nothing is remembered against it."""
        self._hosts.pop(host, None)

    def failed(self, host: str, now: datetime) -> None:
        """It did not answer, or not sensibly. After five in a row it is left alone."""
        known = self._hosts.setdefault(host, _Host())
        known.failures += 1
        if known.failures >= OPENS_AFTER:
            known.probe_at = now + PROBES_EVERY

    def open_hosts(self) -> int:
        """How many hosts are left alone just now, for the metric."""
        return sum(1 for known in self._hosts.values() if known.probe_at is not None)
