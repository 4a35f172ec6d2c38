"""What is behind, as counts and ages: what alarms are raised on (docs/decisions/alarms-on-counts-and-ages.md).

A share says little of a door with tens of contacts a day: one late of five is "20 %". One late child is one late child.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

OTHER: Final = "other"
"""The label of what the policy in force does not name: labels must stay few."""


class Figures:
    """Set by the loops that measure; each process that measures exports what it found, all the same."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Declare everything."""
        self._overdue = Gauge(
            "mash_deadlines_overdue", "Clocks missed and still not met", ["kind", "rating"], registry=registry
        )
        self._next_due = Gauge(
            "mash_deadlines_next_due_seconds", "Until the next running clock is due; NaN without one", registry=registry
        )
        self._unfired = Gauge(
            "mash_deadlines_unfired_seconds", "Since the oldest step that is due and has not fired", registry=registry
        )
        self._unopened = Gauge(
            "mash_paging_unopened", "Contacts that page somebody and that nobody has opened", registry=registry
        )
        self._unopened_age = Gauge(
            "mash_paging_unopened_oldest_seconds", "Since the oldest of them began to page", registry=registry
        )
        self._unexplained = Gauge("mash_breaches_unexplained", "Breaches that nobody has explained", registry=registry)
        self._unexplained_age = Gauge(
            "mash_breaches_unexplained_oldest_seconds", "Since the oldest of them was found", registry=registry
        )
        self._calendar = Gauge(
            "mash_calendar_days_left", "Days that the bank holiday calendar still covers", registry=registry
        )
        self._listeners = Gauge("mash_stream_listeners", "Open streams of clock changes", registry=registry)
        self._stalled = Gauge(
            "mash_bus_stalled_seconds", "Records waiting and none dealt with since", ["topic"], registry=registry
        )

    def overdue(self, clocks: Mapping[tuple[str, str], int]) -> None:
        """Missed clocks that still wait, by kind and rating; what is not named here is none any more."""
        self._overdue.clear()
        for (kind, rating), number in clocks.items():
            self._overdue.labels(kind, rating).set(number)

    def next_due(self, seconds: float | None) -> None:
        """Business seconds until the next running clock is due."""
        self._next_due.set(float("nan") if seconds is None else seconds)

    def unfired(self, seconds: float) -> None:
        """Real seconds since the oldest step that is due and has not fired; 0 where none is."""
        self._unfired.set(seconds)

    def unopened(self, contacts: int, oldest_seconds: float) -> None:
        """Contacts that page and that nobody has opened."""
        self._unopened.set(contacts)
        self._unopened_age.set(oldest_seconds)

    def unexplained(self, breaches: int, oldest_seconds: float) -> None:
        """Breaches without an explanation."""
        self._unexplained.set(breaches)
        self._unexplained_age.set(oldest_seconds)

    def calendar_days_left(self, days: int) -> None:
        """Until the calendar's last day."""
        self._calendar.set(days)

    def listeners(self, number: int) -> None:
        """Open streams."""
        self._listeners.set(number)

    def stalled(self, topic: str, seconds: float) -> None:
        """Real seconds for which records have waited without any being dealt with."""
        self._stalled.labels(topic).set(seconds)
