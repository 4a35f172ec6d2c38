"""Signs of life of a process's timed loops: a loop that hangs raises nothing, logs nothing and is missed by nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

AGE: Final = "mash_heartbeat_age_seconds"
LIMIT: Final = "mash_heartbeat_limit_seconds"


class LoopSilent(Exception):
    """Loops have not gone round for longer than they may."""


class Heartbeats(Collector):
    """When each loop last went round, in real time; computed when it is asked for, so that a dead loop's age grows."""

    def __init__(self, registry: CollectorRegistry, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Exported through ``registry``."""
        self._monotonic = monotonic
        self._last: dict[str, float] = {}
        self._limits: dict[str, float] = {}
        registry.register(self)

    def watch(self, loop: str, *, within_seconds: float) -> None:
        """From now on this loop must go round within so many seconds each time."""
        self._limits[loop] = within_seconds
        self.beat(loop)

    def beat(self, loop: str) -> None:
        """The loop went round."""
        self._last[loop] = self._monotonic()

    def ages(self) -> dict[str, float]:
        """Seconds since each loop last went round."""
        now = self._monotonic()
        return {loop: now - last for loop, last in self._last.items()}

    async def check(self) -> None:
        """For /readyz. Raises LoopSilent, naming the loops that are."""
        silent = [loop for loop, age in self.ages().items() if age > self._limits[loop]]
        if silent:
            raise LoopSilent(", ".join(sorted(silent)))

    def collect(self) -> Iterable[Metric]:
        """Both figures, by loop."""
        age = GaugeMetricFamily(AGE, "Since a timed loop last went round", labels=["loop"])
        limit = GaugeMetricFamily(LIMIT, "How long a timed loop may take to go round", labels=["loop"])
        for loop, seconds in self.ages().items():
            age.add_metric([loop], seconds)
            limit.add_metric([loop], self._limits[loop])
        return [age, limit]
