"""What stands between aiokafka and a lost message: the parts a healthy broker never shows at work."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from mash.kafka import LocalKafka
from shared.messaging.bus import BusUnavailable, Record, TopicSpec
from shared.messaging.kafka import KafkaBus
from shared.messaging.kafka_consumer import Consumed, ConsumerStuck, Message, Progress
from tests.integration.bus.steps import member, publish, read, records

PLACE = TopicPartition("test", 0)


@dataclass
class StubConsumer:
    """Says what it is told to say."""

    end: int = 10
    at: int = 10
    away: bool = False
    sought: list[int] = field(default_factory=list[int])

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def seek(self, _place: TopicPartition, offset: int) -> None:
        self.sought.append(offset)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        if self.away:
            raise TimeoutError
        return dict.fromkeys(places, self.end)

    async def position(self, _place: TopicPartition) -> int:
        return self.at

    @property
    def real(self) -> AIOKafkaConsumer:
        return cast("AIOKafkaConsumer", self)


@dataclass
class StubMessage:
    offset: int


def messages(first: int, count: int) -> list[Message]:
    return cast("list[Message]", [StubMessage(first + n) for n in range(count)])


def test_a_skipped_batch_is_fetched_again() -> None:
    consumer, consumed = StubConsumer(), Consumed()
    assert len(consumed.in_sequence(consumer.real, PLACE, messages(0, 5))) == 5
    assert consumed.in_sequence(consumer.real, PLACE, messages(8, 2)) == []
    assert consumer.sought == [5]
    assert len(consumed.in_sequence(consumer.real, PLACE, messages(5, 5))) == 5


def test_a_hole_in_the_log_itself_is_stepped_over() -> None:
    consumer, consumed = StubConsumer(), Consumed()
    consumed.in_sequence(consumer.real, PLACE, messages(0, 5))
    assert consumed.in_sequence(consumer.real, PLACE, messages(8, 2)) == []
    assert len(consumed.in_sequence(consumer.real, PLACE, messages(8, 2))) == 2
    assert consumer.sought == [5]


def test_what_is_given_back_comes_again_with_what_is_missing_before_it() -> None:
    consumer, consumed = StubConsumer(), Consumed()
    consumed.give_back(consumer.real, PLACE, messages(3, 2))
    consumed.give_back(consumer.real, PLACE, messages(8, 2))
    assert consumer.sought == [3, 3]


def test_a_partition_that_comes_back_begins_anywhere() -> None:
    consumer, consumed = StubConsumer(), Consumed()
    consumed.in_sequence(consumer.real, PLACE, messages(0, 5))
    consumed.on_partitions_revoked({PLACE})
    assert len(consumed.in_sequence(consumer.real, PLACE, messages(40, 2))) == 2
    assert consumer.sought == []


async def test_the_watch_ends_a_stuck_process(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    consumer, progress = StubConsumer(end=12), Progress(lambda: now[0])
    for now[0] in (5.0, 20.0, 40.0, 59.0):
        await progress.look(consumer.real, moved=False)
    now[0] = 75.0
    with pytest.raises(ConsumerStuck):
        await progress.look(consumer.real, moved=False)
    assert "Stack for" in capsys.readouterr().err


async def test_the_watch_leaves_the_idle_the_busy_and_the_held_alone() -> None:
    now = [0.0]
    idle, busy = StubConsumer(), StubConsumer(end=99)
    watches = [Progress(lambda: now[0]) for _ in range(3)]
    for second in range(0, 200, 5):
        now[0] = float(second)
        await watches[0].look(idle.real, moved=False)
        await watches[1].look(busy.real, moved=second % 50 == 0)
        watches[2].forget()
        await watches[2].look(busy.real, moved=False)


async def test_the_watch_tells_of_an_outage() -> None:
    now = [11.0]
    consumer, progress = StubConsumer(away=True), Progress(lambda: now[0])
    now[0] = 30.0
    with pytest.raises(BusUnavailable):
        await progress.look(consumer.real, moved=False)
    assert not progress.overdue
    now[0] = 90.0
    assert progress.overdue


@pytest.mark.kafka
async def test_a_static_member_comes_back_at_once(bus_kafka: LocalKafka, group: str) -> None:
    """Its session is far from over; nothing is rebalanced."""
    bus = KafkaBus(bus_kafka.bootstrap, member="triage-0", session_timeout_seconds=30)
    topic = f"test.{group}"
    await bus.create_topics([TopicSpec(topic, 2, 14)])
    await publish(bus, records(topic, 10))
    assert len(await read(await member(bus, group, topic), 10)) == 10
    await bus.close()
    started = time.monotonic()
    back = KafkaBus(bus_kafka.bootstrap, member="triage-0", session_timeout_seconds=30)
    assert len(await read(await member(back, group, topic), 10)) == 10
    assert time.monotonic() - started < 3
    await back.close()


@pytest.mark.kafka
async def test_a_record_too_large_is_our_fault(bus_kafka: LocalKafka, group: str) -> None:
    bus = KafkaBus(bus_kafka.bootstrap)
    topic = f"test.{group}"
    await bus.create_topics([TopicSpec(topic, 1, 14)])
    publisher = bus.publisher()
    await publisher.start()
    with pytest.raises(ValueError, match="larger"):
        await publisher.publish([Record(topic, "key", b"x" * 2_000_000)])
    await publisher.publish(records(topic, 3))
    await bus.close()


@pytest.mark.kafka
async def test_topics_carry_their_safety_settings(bus_kafka: LocalKafka, group: str) -> None:
    bus = KafkaBus(bus_kafka.bootstrap)
    await bus.create_topics([TopicSpec(f"test.{group}", 3, 14)])
    admin = AIOKafkaAdminClient(bootstrap_servers=bus_kafka.bootstrap)
    await admin.start()
    answers = cast("Any", await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, f"test.{group}")]))
    await admin.close()
    found = {entry[0]: entry[1] for entry in answers[0].resources[0][4]}
    assert found["retention.ms"] == str(14 * 86_400_000)
    assert found["min.insync.replicas"] == "1"
    assert found["unclean.leader.election.enable"] == "false"


async def test_no_broker_at_all() -> None:
    bus = KafkaBus("127.0.0.1:1", answer_seconds=1)
    async with asyncio.timeout(15):
        for call in (bus.check(), bus.publisher().start(), bus.subscription(group="g", topics=["t"]).start()):
            with pytest.raises(BusUnavailable):
                await call
    await bus.close()
