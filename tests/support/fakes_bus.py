"""The bus in memory, proven by the suite of the real ones (tests/integration/bus)."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.messaging.bus import BusUnavailable, Delivered, Positions, Record, TopicSpec

Place = tuple[str, int]


@dataclass
class FakeBroker:
    """What several FakeBus objects share, as processes share a server. Set `reachable` to False for an outage."""

    reachable: bool = True
    partitions: dict[str, int] = field(default_factory=dict[str, int])
    log: dict[Place, list[Record]] = field(default_factory=lambda: defaultdict(list))
    committed: dict[tuple[str, Place], int] = field(default_factory=lambda: defaultdict(int))
    members: dict[str, list[FakeSubscription]] = field(default_factory=lambda: defaultdict(list))

    def answer(self) -> None:
        """Raise BusUnavailable during an outage."""
        if not self.reachable:
            raise BusUnavailable("the bus in memory is away")

    def of_topic(self, topic: str) -> list[Delivered]:
        """Everything published to a topic, for assertions; in order per key."""
        return [
            Delivered(record, partition, offset)
            for partition in range(self.partitions[topic])
            for offset, record in enumerate(self.log[topic, partition])
        ]


class FakeBus:
    """A Bus in memory. Give two of them one broker and they are two processes."""

    def __init__(self, broker: FakeBroker | None = None) -> None:
        self.broker = broker or FakeBroker()
        self._subscriptions: list[FakeSubscription] = []

    def publisher(self) -> FakePublisher:
        return FakePublisher(self.broker)

    def subscription(self, *, group: str, topics: Sequence[str]) -> FakeSubscription:
        member = FakeSubscription(self.broker, group, topics)
        self._subscriptions.append(member)
        return member

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        self.broker.answer()
        for topic in topics:
            self.broker.partitions.setdefault(topic.name, topic.partitions)

    async def check(self) -> None:
        self.broker.answer()

    async def prune(self) -> int:
        return 0

    async def close(self) -> None:
        for member in self._subscriptions:
            await member.stop()


class FakePublisher:
    """A Publisher in memory."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker

    async def start(self) -> None:
        self._broker.answer()

    async def stop(self) -> None:
        pass

    async def publish(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(0)
        self._broker.answer()
        for record in records:
            if record.topic not in self._broker.partitions:
                raise BusUnavailable(f"the topic {record.topic} does not exist")
        for record in records:
            partition = zlib.crc32(record.key.encode()) % self._broker.partitions[record.topic]
            self._broker.log[record.topic, partition].append(record)


class FakeSubscription:
    """A Subscription in memory: partitions go round the members, who take up what was committed."""

    def __init__(self, broker: FakeBroker, group: str, topics: Sequence[str]) -> None:
        self._broker, self._group, self._topics = broker, group, sorted(set(topics))
        self._positions: dict[Place, int] = {}

    async def start(self) -> None:
        self._broker.answer()
        if missing := set(self._topics) - set(self._broker.partitions):
            raise BusUnavailable(f"topics do not exist: {sorted(missing)}")
        if self not in self._broker.members[self._group]:
            self._broker.members[self._group].append(self)

    async def stop(self) -> None:
        if self in self._broker.members[self._group]:
            self._broker.members[self._group].remove(self)
        self._positions.clear()

    async def poll(self, *, max_records: int, timeout_seconds: float) -> list[Delivered]:
        ends = time.monotonic() + timeout_seconds
        while True:
            self._broker.answer()
            self._take_up_assignment()
            if batch := self._next(max_records):
                return batch
            if time.monotonic() >= ends:
                return []
            await asyncio.sleep(0.005)

    async def commit(self, positions: Positions) -> None:
        if self._broker.reachable:
            for place in positions.keys() & self._positions.keys():
                self._broker.committed[self._group, place] = positions[place]

    async def rewind(self, positions: Positions) -> None:
        self._positions.update({place: at for place, at in positions.items() if place in self._positions})

    async def hold(self) -> None:
        pass

    async def lag(self) -> int:
        self._broker.answer()
        return sum(
            len(self._broker.log[place]) - self._broker.committed[self._group, place] for place in self._positions
        )

    def _take_up_assignment(self) -> None:
        members = self._broker.members[self._group]
        places = [(topic, part) for topic in self._topics for part in range(self._broker.partitions[topic])]
        mine = [place for n, place in enumerate(places) if members and members[n % len(members)] is self]
        for place in self._positions.keys() - set(mine):
            del self._positions[place]
        for place in mine:
            self._positions.setdefault(place, self._broker.committed[self._group, place])

    def _next(self, max_records: int) -> list[Delivered]:
        batch: list[Delivered] = []
        for (topic, partition), position in self._positions.items():
            records = self._broker.log[topic, partition][position : position + max_records - len(batch)]
            batch += [Delivered(record, partition, position + n) for n, record in enumerate(records)]
            self._positions[topic, partition] = position + len(records)
        return batch
