"""What the tests of the bus do over and over: publish, read, and judge what came."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from shared.messaging.bus import Bus, Delivered, Record, Subscription


def records(topic: str, count: int, *, keys: int = 10, writer: int = 0) -> list[Record]:
    """Value: "writer:number"; numbers of one key and writer ascend."""
    return [Record(topic, f"key-{n % keys}", f"{writer}:{n}".encode()) for n in range(count)]


async def publish(bus: Bus, batch: Sequence[Record]) -> None:
    publisher = bus.publisher()
    await publisher.start()
    await publisher.publish(batch)
    await publisher.stop()


async def member(bus: Bus, group: str, *topics: str) -> Subscription:
    subscription = bus.subscription(group=group, topics=topics)
    await subscription.start()
    return subscription


async def read(subscription: Subscription, count: int, *, commit: bool = False, seconds: float = 15) -> list[Delivered]:
    """Poll until `count` records are here (or time is up, which the caller's assertion will show)."""
    found: list[Delivered] = []
    ends = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < ends:
        batch = await subscription.poll(max_records=500, timeout_seconds=0.2)
        found += batch
        if commit:
            await subscription.commit(after(batch))
    return found


def after(batch: Sequence[Delivered]) -> dict[tuple[str, int], int]:
    return {(one.record.topic, one.partition): one.offset + 1 for one in batch}


def before(batch: Sequence[Delivered]) -> dict[tuple[str, int], int]:
    return {(one.record.topic, one.partition): one.offset for one in reversed(batch)}


def values(batch: Sequence[Delivered]) -> set[bytes]:
    return {one.record.value for one in batch}


def assert_ordered(batch: Sequence[Delivered]) -> None:
    """Offsets ascend without holes per partition, numbers ascend per key and writer, a key has one partition."""
    offsets: dict[int, list[int]] = defaultdict(list)
    numbers: dict[tuple[str, bytes], list[int]] = defaultdict(list)
    partitions: dict[str, set[int]] = defaultdict(set)
    for one in batch:
        writer, number = one.record.value.split(b":")
        offsets[one.partition].append(one.offset)
        numbers[one.record.key, writer].append(int(number))
        partitions[one.record.key].add(one.partition)
    assert all(row == list(range(row[0], row[0] + len(row))) for row in offsets.values())
    assert all(row == sorted(row) for row in numbers.values())
    assert all(len(places) == 1 for places in partitions.values())
