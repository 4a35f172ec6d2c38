"""One suite for the bus in memory, on PostgreSQL and on Kafka."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from shared.messaging.bus import Bus, BusUnavailable, Delivered, Record, TopicSpec
from tests.integration.bus.conftest import PARTITIONS
from tests.integration.bus.harness import Harness
from tests.integration.bus.steps import after, assert_ordered, before, member, publish, read, records, values

NewBus = Callable[[], Bus]


async def test_order_per_key_and_nothing_lost(new_bus: NewBus, topic: str, group: str) -> None:
    sent = records(topic, 300)
    await publish(new_bus(), sent[:100])
    subscription = await member(new_bus(), group, topic)
    await publish(new_bus(), sent[100:])
    found = await read(subscription, 300)
    assert [one.record for one in sorted(found, key=lambda one: int(one.record.value[2:]))] == sent
    assert_ordered(found)


async def test_headers_and_bytes_survive(new_bus: NewBus, topic: str, group: str) -> None:
    every_byte = bytes(range(256))
    record = Record(topic, "ключ-1", every_byte, (("traceparent", b"00-ab-cd-01"), ("raw", every_byte), ("raw", b"")))
    await publish(new_bus(), [record, Record(topic, "ключ-1", b"", ())])
    found = await read(await member(new_bus(), group, topic), 2)
    assert found[0].record == record
    assert found[1].record.value == b""


async def test_large_batch(new_bus: NewBus, topic: str, group: str) -> None:
    sent = [Record(topic, one.key, one.value + b" " * 1000) for one in records(topic, 5000, keys=700)]
    await publish(new_bus(), sent)
    found = await read(await member(new_bus(), group, topic), 5000, commit=True)
    assert len(found) == 5000
    assert_ordered(found)


async def test_poll_keeps_to_its_limits(new_bus: NewBus, topic: str, group: str) -> None:
    await publish(new_bus(), records(topic, 100))
    subscription = await member(new_bus(), group, topic)
    sizes = [len(await subscription.poll(max_records=7, timeout_seconds=2)) for _ in range(5)]
    assert all(1 <= size <= 7 for size in sizes)
    idle = await member(new_bus(), group + "-idle", topic)
    await read(idle, 100)
    started = time.monotonic()
    assert await idle.poll(max_records=500, timeout_seconds=0.3) == []
    assert 0.25 <= time.monotonic() - started < 1.5


async def test_uncommitted_comes_again(new_bus: NewBus, topic: str, group: str) -> None:
    sent = records(topic, 50)
    await publish(new_bus(), sent)
    first = await member(new_bus(), group, topic)
    assert len(await read(first, 50)) == 50
    await first.stop()
    again = await read(await member(new_bus(), group, topic), 50)
    assert values(again) == {one.value for one in sent}


async def test_goes_on_from_what_was_committed(new_bus: NewBus, topic: str, group: str) -> None:
    bus = new_bus()
    await publish(bus, records(topic, 40))
    first = await member(new_bus(), group, topic)
    await read(first, 40, commit=True)
    await first.stop()
    await publish(bus, records(topic, 10, writer=1))
    second = await member(new_bus(), group, topic)
    assert values(await read(second, 10)) == {one.value for one in records(topic, 10, writer=1)}
    assert await second.poll(max_records=100, timeout_seconds=0.3) == []


async def test_lag_counts_what_is_not_committed(new_bus: NewBus, topic: str, group: str) -> None:
    await publish(new_bus(), records(topic, 30))
    subscription = await member(new_bus(), group, topic)
    batch = await read(subscription, 30)
    assert await subscription.lag() == 30
    await subscription.commit(after(batch))
    assert await subscription.lag() == 0
    await publish(new_bus(), records(topic, 3))
    assert await subscription.lag() == 3


async def test_several_topics_in_one_subscription(new_bus: NewBus, topic: str, group: str) -> None:
    other = topic + "-other"
    await new_bus().create_topics([TopicSpec(other, PARTITIONS + 1, 14)])
    mixed = [one for pair in zip(records(topic, 50), records(other, 50), strict=True) for one in pair]
    await publish(new_bus(), mixed)
    found = await read(await member(new_bus(), group, topic, other), 100, commit=True)
    assert len(found) == 100
    for name in (topic, other):
        assert_ordered([one for one in found if one.record.topic == name])


async def test_a_cancelled_poll_loses_nothing(new_bus: NewBus, topic: str, group: str) -> None:
    bus = new_bus()
    subscription = await member(new_bus(), group, topic)
    found: list[Delivered] = []
    for writer in range(20):
        polling = asyncio.create_task(subscription.poll(max_records=3, timeout_seconds=1))
        await publish(bus, records(topic, 5, writer=writer))
        await asyncio.sleep(writer / 2000)
        polling.cancel()
        with suppress(asyncio.CancelledError, BusUnavailable):
            found += await polling
    ends = time.monotonic() + 15
    while len(values(found)) < 100 and time.monotonic() < ends:
        with suppress(BusUnavailable):  # the PostgreSQL bus starts afresh after a cancellation
            found += await subscription.poll(max_records=500, timeout_seconds=0.2)
    assert len(values(found)) == 100


async def test_groups_do_not_disturb_each_other(new_bus: NewBus, topic: str, group: str) -> None:
    await publish(new_bus(), records(topic, 20))
    for name in (group, group + "-other"):
        assert len(await read(await member(new_bus(), name, topic), 20, commit=True)) == 20


async def test_rewind_delivers_the_batch_again(new_bus: NewBus, topic: str, group: str) -> None:
    await publish(new_bus(), records(topic, 60))
    subscription = await member(new_bus(), group, topic)
    batch = await read(subscription, 60)
    await subscription.rewind(before(batch))
    again = await read(subscription, 60)
    assert len(again) == 60
    assert set(again) == set(batch)
    assert_ordered(again)


async def test_rewind_to_the_middle_of_a_batch(new_bus: NewBus, topic: str, group: str) -> None:
    await publish(new_bus(), records(topic, 30, keys=1))
    subscription = await member(new_bus(), group, topic)
    batch = await read(subscription, 30)
    await subscription.rewind(before(batch[10:]))
    assert await read(subscription, 20) == batch[10:]


async def test_hold_loses_and_skips_nothing(new_bus: NewBus, topic: str, group: str) -> None:
    bus = new_bus()
    await publish(bus, records(topic, 20))
    subscription = await member(new_bus(), group, topic)
    found = await subscription.poll(max_records=5, timeout_seconds=2)
    for _ in range(5):
        await subscription.hold()
        await publish(bus, records(topic, 2, writer=1))
    await subscription.commit(after(found))
    found += await read(subscription, 30 - len(found))
    assert len(found) == 30
    assert_ordered(sorted(found, key=lambda one: (one.partition, one.offset)))


async def test_two_members_share(new_bus: NewBus, topic: str, group: str) -> None:
    bus = new_bus()
    members = [await member(new_bus(), group, topic)]
    await members[0].poll(max_records=1, timeout_seconds=0.1)
    starting = asyncio.create_task(member(new_bus(), group, topic))
    while not starting.done():  # on Kafka the first must poll for the second to be let in
        await members[0].poll(max_records=1, timeout_seconds=0.05)
    members.append(starting.result())
    found: list[list[Delivered]] = [[], []]
    ends = time.monotonic() + 15
    while not all(found) and time.monotonic() < ends:
        await publish(bus, records(topic, 40, keys=40))
        for one, so_far in zip(members, found, strict=True):
            batch = await one.poll(max_records=500, timeout_seconds=0.2)
            await one.commit(after(batch))
            so_far.extend(batch)
    assert all(found)
    owned = [{one.partition for one in batches[-20:]} for batches in found]
    assert sum(len(partitions) for partitions in owned) <= PARTITIONS + 1


async def test_a_killed_members_partitions_are_taken_over(
    harness: Harness, new_bus: NewBus, topic: str, group: str
) -> None:
    sent = records(topic, 80, keys=40)
    await publish(new_bus(), sent)
    kill = await harness.doomed_member(group, topic)
    joining = asyncio.create_task(member(new_bus(), group, topic))
    await asyncio.sleep(0.1)
    await kill()
    killed_at = time.monotonic()
    found = await read(await joining, 80, commit=True)
    assert values(found) == {one.value for one in sent}
    assert time.monotonic() - killed_at < harness.taken_over_seconds + 1.0


async def test_six_writers_lose_nothing(new_bus: NewBus, topic: str, group: str) -> None:
    async def write(writer: int) -> None:
        publisher = new_bus().publisher()
        await publisher.start()
        batch = records(topic, 300, keys=30, writer=writer)
        for start in range(0, 300, 25):
            await publisher.publish(batch[start : start + 25])
        await publisher.stop()

    await asyncio.gather(*(write(writer) for writer in range(6)))
    found = await read(await member(new_bus(), group, topic), 1800)
    assert len({(one.partition, one.offset) for one in found}) == len(values(found)) == 1800
    assert_ordered(found)


async def test_an_unknown_topic_is_not_there_yet(new_bus: NewBus, group: str) -> None:
    publisher = new_bus().publisher()
    await publisher.start()
    with pytest.raises(BusUnavailable):
        await publisher.publish([Record("test.nobody-made-this", "key", b"")])
    await publisher.stop()
    with pytest.raises(BusUnavailable):
        await new_bus().subscription(group=group, topics=["test.nobody-made-this"]).start()


async def test_topics_can_be_made_again(new_bus: NewBus, topic: str) -> None:
    spec = TopicSpec(topic, PARTITIONS, 14)
    await asyncio.gather(*(new_bus().create_topics([spec, TopicSpec(topic + "-b", 2, 1)]) for _ in range(3)))
    await publish(new_bus(), records(topic + "-b", 3))


async def test_an_outage_is_told_and_outlived(harness: Harness, new_bus: NewBus, topic: str, group: str) -> None:
    bus = new_bus()
    publisher = bus.publisher()
    await publisher.start()
    await publisher.publish(records(topic, 20))
    subscription = await member(new_bus(), group, topic)
    found = await read(subscription, 20, commit=True)
    async with harness.outage():
        with pytest.raises(BusUnavailable):
            await publisher.publish(records(topic, 20, writer=1))
        with pytest.raises(BusUnavailable):
            await bus.check()
        with suppress(BusUnavailable):  # Kafka keeps quiet about it for a while
            assert await subscription.poll(max_records=100, timeout_seconds=0.2) == []
        await subscription.commit(after(found))
        await subscription.hold()
    await bus.check()
    await publisher.publish(records(topic, 20, writer=1))
    ends = time.monotonic() + 30
    while not values(found) >= {one.value for one in records(topic, 20, writer=1)} and time.monotonic() < ends:
        with suppress(BusUnavailable):
            found += await subscription.poll(max_records=100, timeout_seconds=0.2)
    assert values(found) == {one.value for writer in (0, 1) for one in records(topic, 20, writer=writer)}
    await subscription.stop()
