"""aiokafka's consumer made safe: its settings, its opening and closing within limits, and two watches over it."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError

from shared.messaging.kafka_connection import CLOSE_SECONDS, FAILURES, unavailable_when_it_fails

log = structlog.get_logger(__name__)

Message = ConsumerRecord[bytes, bytes]

START_SECONDS = 45.0  # joining may have to wait for the members there to finish their batch
REQUEST_SECONDS = 5.0
STOP_SECONDS = 5.0
LOOK_EVERY_SECONDS = 10.0
STUCK_AFTER_SECONDS = 60.0


class ConsumerStuck(Exception):
    """Records wait, brokers answer, and nothing has been read for a minute. End the process: a new one reads on."""


async def open_consumer(
    bootstrap: str,
    *,
    group: str,
    topics: Sequence[str],
    member: str | None,
    session_timeout_seconds: float,
    answer_seconds: float,
    listener: ConsumerRebalanceListener,
) -> AIOKafkaConsumer:
    """A consumer that has joined its group. Raises BusUnavailable."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        group_instance_id=member,
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # "latest" skips what was written before the first commit
        isolation_level="read_committed",
        session_timeout_ms=int(session_timeout_seconds * 1000),
        heartbeat_interval_ms=int(session_timeout_seconds * 1000 / 5),
        max_poll_interval_ms=60_000,
        rebalance_timeout_ms=30_000,
        fetch_max_wait_ms=50,  # the default of 500 is added to the latency
        max_partition_fetch_bytes=1024 * 1024,
        request_timeout_ms=int(answer_seconds * 1000),
        metadata_max_age_ms=30_000,
    )
    consumer.subscribe(list(topics), listener=listener)
    try:
        with unavailable_when_it_fails("the group cannot be joined"):
            await asyncio.wait_for(consumer.start(), START_SECONDS)
    except BaseException:
        await close_consumer(consumer)
        raise
    return consumer


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop within limits. With brokers down stop() hangs, or raises CancelledError out of its fetcher."""
    stopping = asyncio.create_task(consumer.stop())
    done, _ = await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if not done:
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=1.0)
    if stopping.done() and not stopping.cancelled() and stopping.exception() is None:
        return
    log.warning("bus.consumer_abandoned")
    with suppress(*FAILURES):
        await asyncio.wait_for(consumer._client.close(), CLOSE_SECONDS)  # noqa: SLF001  (stop() did not come to it)


class Consumed(ConsumerRebalanceListener):
    """How far each assigned partition was handed out and committed."""

    def __init__(self) -> None:
        self._next: dict[TopicPartition, int] = {}
        self._holes: dict[TopicPartition, int] = {}
        self.committed: dict[TopicPartition, int] = {}

    def clear(self) -> None:
        """Know nothing: partitions begin at what the group committed."""
        for known in (self._next, self._holes, self.committed):
            known.clear()

    def on_partitions_revoked(self, revoked: object) -> None:  # noqa: ARG002
        """Others may read on from here."""
        self.clear()

    def on_partitions_assigned(self, assigned: object) -> None:  # noqa: ARG002
        """Even a partition kept begins at what the group committed."""
        self.clear()

    def go_to(self, consumer: AIOKafkaConsumer, place: TopicPartition, offset: int) -> None:
        """Read this partition from here on, if it is still ours."""
        with suppress(IllegalStateError):
            consumer.seek(place, offset)
            self._next[place] = offset

    def give_back(self, consumer: AIOKafkaConsumer, place: TopicPartition, messages: list[Message]) -> None:
        """These were fetched but are not handed out: read them again, and whatever is missing before them."""
        first = messages[0].offset
        self.go_to(consumer, place, min(first, self._next.get(place, first)))

    def in_sequence(self, consumer: AIOKafkaConsumer, place: TopicPartition, messages: list[Message]) -> list[Message]:
        """The messages, or none and a step back when some before them have not been handed out.

        The broker may have a hole itself (retention): then they begin there the second time too, and are taken.
        """
        first, expected = messages[0].offset, self._next.get(place, messages[0].offset)
        if first > expected and self._holes.get(place) != first:
            log.warning("bus.step_back", topic=place.topic, partition=place.partition, expected=expected, found=first)
            self._holes[place] = first
            self.go_to(consumer, place, expected)
            return []
        self._next[place] = messages[-1].offset + 1
        return messages

    async def lag(self, consumer: AIOKafkaConsumer) -> int:
        """Records not committed, over the partitions assigned. Raises BusUnavailable."""
        places = list(consumer.assignment())
        with unavailable_when_it_fails("Kafka does not say how much waits"):
            async with asyncio.timeout(REQUEST_SECONDS):
                first, end = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
                for place in places:
                    if place not in self.committed:
                        self.committed[place] = await consumer.committed(place) or 0
        return sum(max(0, end[place] - max(first[place], self.committed.get(place, 0))) for place in places)


class Progress:
    """A watch of our own, because an outage and a stuck consumer both look like an empty topic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moved_at = self._looked_at = clock()

    @property
    def overdue(self) -> bool:
        """Nothing has been read, and nobody could say that nothing waits, for a minute."""
        return self._clock() - self._moved_at >= STUCK_AFTER_SECONDS

    def forget(self) -> None:
        """Start counting again."""
        self._moved_at = self._looked_at = self._clock()

    async def look(self, consumer: AIOKafkaConsumer, *, moved: bool) -> None:
        """Call after every poll. Raises BusUnavailable when the brokers do not answer, ConsumerStuck."""
        now = self._clock()
        if moved:
            self._moved_at = now
        if now - max(self._moved_at, self._looked_at) < LOOK_EVERY_SECONDS:
            return
        self._looked_at = now
        behind = await _behind(consumer)
        if behind == 0:
            self._moved_at = now
        elif self.overdue:
            log.error("bus.consumer_stuck", behind=behind, assigned=len(consumer.assignment()))
            for task in asyncio.all_tasks():
                task.print_stack(file=sys.stderr)
            raise ConsumerStuck(f"{behind} records wait and none is read")


async def _behind(consumer: AIOKafkaConsumer) -> int:
    places = list(consumer.assignment())
    with unavailable_when_it_fails("Kafka does not say how much waits"):
        async with asyncio.timeout(REQUEST_SECONDS):
            end = await consumer.end_offsets(places)
            return sum([max(0, end[place] - await consumer.position(place)) for place in places])
