"""The bus as the services see it: a port with two adapters (PostgreSQL and Kafka) proven by one suite.

Delivery is at least once and in offset order per partition; one key always maps to one partition, so order holds
per key. Whoever consumes must be able to take a record twice (the inbox does).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Headers = tuple[tuple[str, bytes], ...]
Positions = Mapping[tuple[str, int], int]
"""(topic, partition) → the next offset to read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message. `key` is the contact id as text; nothing personal may be in it or in the headers."""

    topic: str
    key: str
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record as read from the bus, with its place. (topic, partition, offset) is unique for ever."""

    record: Record
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to create. The number of partitions is for life: another number would move keys and break order."""

    name: str
    partitions: int
    retention_days: int


class BusUnavailable(Exception):
    """The bus cannot be reached, or did not answer in time. Infrastructure: retry for ever, never park a message."""


class Publisher(Protocol):
    """Writes records; one per relay."""

    async def start(self) -> None:
        """Connect. Raises BusUnavailable."""
        ...

    async def stop(self) -> None:
        """Let go of everything held, within a few seconds. Never raises BusUnavailable."""
        ...

    async def publish(self, records: Sequence[Record]) -> None:
        """Return only when all records are durable; the order given is kept for each key.

        Raises BusUnavailable: the outcome is unknown, publish all of them again.
        """
        ...


class Subscription(Protocol):
    """A member of a consumer group. One task polls, handles, commits, in turn; `lag` may be asked from another task."""

    async def start(self) -> None:
        """Join the group. Raises BusUnavailable, also when a topic does not exist."""
        ...

    async def stop(self) -> None:
        """Leave the group within a few seconds. Never raises BusUnavailable."""
        ...

    async def poll(self, *, max_records: int, timeout_seconds: float) -> list[Delivered]:
        """The next records, in offset order per partition; empty when none came within the timeout.

        Raises BusUnavailable; calling again reconnects.
        """
        ...

    async def commit(self, positions: Positions) -> None:
        """Everything before these positions is done with. A failure is logged, not raised: the inbox dedupes."""
        ...

    async def rewind(self, positions: Positions) -> None:
        """The batch was not processed: the next poll starts at these positions. Others' partitions are ignored."""
        ...

    async def hold(self) -> None:
        """Stay a member but fetch nothing; call about once a second while the service's database is away."""
        ...

    async def lag(self) -> int:
        """Records on this member's partitions that the group has not committed. Raises BusUnavailable."""
        ...


class Bus(Protocol):
    """Makes publishers and subscriptions; owns the connections they share."""

    def publisher(self) -> Publisher:
        """A new publisher, not started."""
        ...

    def subscription(self, *, group: str, topics: Sequence[str]) -> Subscription:
        """A new member of the group, not started."""
        ...

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Create what is missing; what exists is left as it is. Raises BusUnavailable."""
        ...

    async def check(self) -> None:
        """Raise BusUnavailable unless the bus answers now."""
        ...

    async def prune(self) -> int:
        """Forget records older than their topic keeps them; how many. 0 where the broker does that itself."""
        ...

    async def close(self) -> None:
        """Stop whatever this bus handed out and close its connections. Never raises BusUnavailable."""
        ...
