"""Reading from Kafka as a member of a group.

What aiokafka leaves to us: it moves its position when it returns records, so a call that is cancelled loses them from
sight; it shows no error while brokers are away; several of its waits have no end; it may stop reading altogether.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.bus import BusUnavailable, Delivered, Positions, Record
from shared.messaging.kafka_connection import FAILURES
from shared.messaging.kafka_consumer import REQUEST_SECONDS, Consumed, Message, Progress, close_consumer, open_consumer

log = structlog.get_logger(__name__)

Batch = dict[TopicPartition, list[Message]]

OVERRUN_SECONDS = 1.0


class KafkaSubscription:
    """A member of a consumer group.

    Nothing is committed but by `commit`; after any failure the consumer is rebuilt and begins at what was committed.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        group: str,
        topics: Sequence[str],
        member: str | None,
        session_timeout_seconds: float,
        answer_seconds: float,
    ) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._topics = tuple(topics)
        self._member = member
        self._session_timeout_seconds = session_timeout_seconds
        self._answer_seconds = answer_seconds
        self._consumer: AIOKafkaConsumer | None = None
        self._fetching: asyncio.Task[Batch] | None = None
        self._consumed = Consumed()
        self._progress = Progress()

    async def start(self) -> None:
        """Join the group. Raises BusUnavailable, also when a topic does not exist."""
        await self._opened()

    async def stop(self) -> None:
        """Leave; a static member's partitions wait for its return until the session times out."""
        consumer, self._consumer = self._consumer, None
        fetching, self._fetching = self._fetching, None
        if fetching is not None:  # only now may it be cancelled: this consumer's position does not matter any more
            fetching.cancel()
            await asyncio.wait({fetching}, timeout=OVERRUN_SECONDS)
            if fetching.done() and not fetching.cancelled():
                fetching.exception()
        if consumer is not None:
            await close_consumer(consumer)

    async def poll(self, *, max_records: int, timeout_seconds: float) -> list[Delivered]:
        """The next records. Raises BusUnavailable, and ConsumerStuck when only a new process can help."""
        consumer = await self._opened()
        consumer.resume(*consumer.paused())
        batch = await self._fetch(consumer, max_records=max_records, timeout_seconds=timeout_seconds)
        delivered = [
            _delivered(message)
            for place, messages in batch.items()
            for message in self._consumed.in_sequence(consumer, place, messages)
        ]
        try:
            await self._progress.look(consumer, moved=bool(delivered))
        except BusUnavailable:
            if self._progress.overdue:
                await self.stop()  # the brokers may be back and only our client lost: a new one finds out
            raise
        return delivered

    async def commit(self, positions: Positions) -> None:
        """Commit what is still ours; a failure is logged."""
        consumer = self._consumer
        mine = consumer.assignment() if consumer is not None else set[TopicPartition]()
        offsets = {TopicPartition(*place): offset for place, offset in positions.items() if place in mine}
        if len(offsets) < len(positions):
            log.warning("bus.commit_skipped", group=self._group, partitions=len(positions) - len(offsets))
        if consumer is None or not offsets:
            return
        try:
            await asyncio.wait_for(consumer.commit(offsets), REQUEST_SECONDS)  # it would retry without end
            self._consumed.committed.update(offsets)
        except FAILURES as error:
            log.warning("bus.commit_failed", group=self._group, error=type(error).__name__)

    async def rewind(self, positions: Positions) -> None:
        """Go back on the partitions still ours; one that was lost begins at what the group committed."""
        if self._consumer is not None:
            for (topic, partition), offset in positions.items():
                self._consumed.go_to(self._consumer, TopicPartition(topic, partition), offset)

    async def hold(self) -> None:
        """Fetch nothing, but keep calling getmany: a member that does not is put out of the group."""
        if (consumer := self._consumer) is None:
            return
        consumer.pause(*consumer.assignment())
        with suppress(BusUnavailable):
            batch = await self._fetch(consumer, max_records=1, timeout_seconds=0.05)
            for place, messages in batch.items():  # fetched before the pause, or assigned since
                self._consumed.give_back(consumer, place, messages)
        self._progress.forget()

    async def lag(self) -> int:
        """Records on our partitions that the group has not committed. Raises BusUnavailable."""
        if self._consumer is None:
            raise BusUnavailable("this member is not connected")
        return await self._consumed.lag(self._consumer)

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumed.clear()
            self._progress.forget()
            self._consumer = await open_consumer(
                self._bootstrap,
                group=self._group,
                topics=self._topics,
                member=self._member,
                session_timeout_seconds=self._session_timeout_seconds,
                answer_seconds=self._answer_seconds,
                listener=self._consumed,
            )
        return self._consumer

    async def _fetch(self, consumer: AIOKafkaConsumer, *, max_records: int, timeout_seconds: float) -> Batch:
        """One getmany, never cancelled: when it outlasts its time (a rebalance), the next poll collects it."""
        if self._fetching is None:
            self._fetching = asyncio.create_task(
                consumer.getmany(timeout_ms=int(timeout_seconds * 1000), max_records=max_records)
            )
        done, _ = await asyncio.wait({self._fetching}, timeout=timeout_seconds + OVERRUN_SECONDS)
        if not done:
            return {}
        task, self._fetching = self._fetching, None
        try:
            return {place: messages for place, messages in task.result().items() if place in consumer.assignment()}
        except FAILURES as error:
            await self.stop()
            raise BusUnavailable(f"Kafka could not be read: {type(error).__name__}") from error
        except asyncio.CancelledError as error:  # comes out of aiokafka's own tasks; ours was never cancelled
            await self.stop()
            raise BusUnavailable("Kafka could not be read: the fetcher was cancelled") from error


def _delivered(message: Message) -> Delivered:
    record = Record(
        message.topic, (message.key or b"").decode("utf-8", "replace"), message.value or b"", tuple(message.headers)
    )
    return Delivered(record, message.partition, message.offset)
