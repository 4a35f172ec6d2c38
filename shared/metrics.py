"""What a process counts and measures, in one registry, handed around by hand. Labels are codes: no person, no URL."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from shared.figures import Figures
from shared.heartbeats import Heartbeats

EXPOSITION_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LATE: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 3600.0)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """One process's metrics. Make one for each process (and test); there is no global registry."""

    def __init__(self) -> None:
        """Declare everything, so that a counter that never moved still shows as zero where it has no labels."""
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.heartbeats = Heartbeats(self.registry)
        self.figures = Figures(self.registry)
        self._messages()
        self._work()
        self._serving()

    def _messages(self) -> None:
        registry = self.registry
        self._handled = Counter("mash_events_handled", "Events applied", ["topic", "type"], registry=registry)
        self._duplicates = Counter("mash_events_duplicate", "Events seen before", ["topic"], registry=registry)
        self._parked = Counter("mash_events_parked", "Events set aside", ["topic", "reason"], registry=registry)
        self._parked_now = Gauge(
            "mash_events_parked_now", "Events set aside and unsettled", ["topic"], registry=registry
        )
        self._published = Counter(
            "mash_events_published", "Events acknowledged by the bus", ["topic"], registry=registry
        )
        self._batch_size = Histogram(
            "mash_batch_events", "Events a batch", ["topic"], buckets=_SIZES, registry=registry
        )
        self._batch_seconds = Histogram(
            "mash_batch_seconds", "One batch, begin to commit", ["topic"], buckets=_FAST, registry=registry
        )
        self._lag = Gauge("mash_bus_lag_records", "Records not yet committed", ["topic"], registry=registry)
        self._outbox_waiting = Gauge("mash_outbox_waiting", "Outbox rows not yet published", registry=registry)
        self._outbox_age = Gauge("mash_outbox_oldest_seconds", "Age of the oldest outbox row", registry=registry)

    def _work(self) -> None:
        registry = self.registry
        self._clock_late = Histogram(
            "mash_clock_late_seconds", "From due to fired", ["kind"], buckets=_LATE, registry=registry
        )
        self._delivered = Counter(
            "mash_deliveries", "Attempts to tell somebody", ["channel", "outcome"], registry=registry
        )
        self._rating = Histogram(
            "mash_accepted_to_rated_seconds", "Accepted to rated", buckets=_LATE, registry=registry
        )
        self._stuck = Gauge("mash_stuck_children", "Children behind a promise", ["what"], registry=registry)
        self._too_common = Counter(
            "mash_match_blocks_too_common", "Blocks of the index not opened in full", ["kind"], registry=registry
        )
        self._not_matched = Counter("mash_match_failures", "Contacts that could not be matched", registry=registry)
        self._waits = Counter("mash_infrastructure_waits", "Pauses for a missing part", ["what"], registry=registry)
        self._partners()

    def _partners(self) -> None:
        registry = self.registry
        self._webhooks = Gauge("mash_webhooks", "Partners' webhooks", ["state"], registry=registry)
        self._webhook_waiting = Gauge("mash_webhook_events_waiting", "Events not yet accepted", registry=registry)
        self._webhook_age = Gauge("mash_webhook_oldest_seconds", "Age of the oldest of these", registry=registry)
        self._webhook_given_up = Counter("mash_webhook_given_up", "Events that no receiver took", registry=registry)
        self._webhook_given_up_now = Gauge(
            "mash_webhook_given_up_now", "Events given up and not replayed", registry=registry
        )
        self._webhook_hosts = Gauge("mash_webhook_hosts_left_alone", "Hosts that failed and wait", registry=registry)

    def _serving(self) -> None:
        registry = self.registry
        self._http = Histogram(
            "mash_http_request_seconds",
            "Requests answered, by route template",
            ["method", "route", "status"],
            buckets=_FAST,
            registry=registry,
        )
        self._loop_lag = Gauge("mash_event_loop_lag_seconds", "How late the loop woke us", registry=registry)

    def handled(self, topic: str, event_type: str, n: int = 1) -> None:
        """Events applied, and committed."""
        self._handled.labels(topic, event_type).inc(n)

    def duplicates(self, topic: str, n: int = 1) -> None:
        """Events that the inbox had already."""
        self._duplicates.labels(topic).inc(n)

    def parked(self, topic: str, reason: str, n: int = 1) -> None:
        """Events set aside now."""
        self._parked.labels(topic, reason).inc(n)

    def parked_now(self, topic: str, n: int) -> None:
        """Events set aside in all and not settled."""
        self._parked_now.labels(topic).set(n)

    def batch(self, topic: str, size: int, seconds: float) -> None:
        """One batch: how many events, begin to commit."""
        self._batch_size.labels(topic).observe(size)
        self._batch_seconds.labels(topic).observe(seconds)

    def published(self, topic: str, n: int = 1) -> None:
        """Events that the bus has acknowledged."""
        self._published.labels(topic).inc(n)

    def lag(self, topic: str, records: int) -> None:
        """Records of a topic (or group) not committed yet."""
        self._lag.labels(topic).set(records)

    def outbox(self, waiting: int, oldest_seconds: float) -> None:
        """How many outbox rows wait, and since when the oldest."""
        self._outbox_waiting.set(waiting)
        self._outbox_age.set(oldest_seconds)

    def clock_fired(self, kind: str, late_seconds: float) -> None:
        """A clock fired this long after it was due."""
        self._clock_late.labels(kind).observe(late_seconds)

    def delivered(self, channel: str, outcome: str) -> None:
        """One attempt at telling somebody, and its outcome's code."""
        self._delivered.labels(channel, outcome).inc()

    def rating(self, seconds: float) -> None:
        """Business seconds from accepted to rated."""
        self._rating.observe(seconds)

    def stuck(self, what: str, n: int) -> None:
        """How many children wait for what should have happened."""
        self._stuck.labels(what).set(n)

    def block_too_common(self, kind: str) -> None:
        """A block of the blind index was over the cap: its narrower ones were looked up in its place."""
        self._too_common.labels(kind).inc()

    def not_matched(self) -> None:
        """A contact defeated the matching and was set aside."""
        self._not_matched.inc()

    def infrastructure_wait(self, what: str) -> None:
        """We paused because the database, the bus or a provider is away."""
        self._waits.labels(what).inc()

    def webhooks(
        self, states: Mapping[str, int], *, waiting: int, oldest_seconds: float, given_up: int, left_alone: int
    ) -> None:
        """Partners' webhooks by state, what is on its way to them, what was given up, hosts left alone just now."""
        for state, count in states.items():
            self._webhooks.labels(state).set(count)
        self._webhook_waiting.set(waiting)
        self._webhook_age.set(oldest_seconds)
        self._webhook_given_up_now.set(given_up)
        self._webhook_hosts.set(left_alone)

    def webhooks_given_up(self, n: int) -> None:
        """Events that were given up just now."""
        self._webhook_given_up.inc(n)

    def loop_lag(self, seconds: float) -> None:
        """How late the event loop woke its watcher."""
        self._loop_lag.set(seconds)

    def http(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answer. `route` is the template, never the path; a method nobody knows is counted as other."""
        self._http.labels(method if method in _METHODS else "other", route, str(status)).observe(seconds)

    def exposition(self) -> bytes:
        """Everything in Prometheus's text format."""
        return generate_latest(self.registry)


async def watch_loop_lag(metrics: Metrics, stop: asyncio.Event, *, every_seconds: float = 0.5) -> None:
    """Measure how late the loop wakes us, until `stop`; a blocking call shows here first."""
    while not stop.is_set():
        started = time.monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=every_seconds)
            return
        metrics.loop_lag(max(0.0, time.monotonic() - started - every_seconds))
