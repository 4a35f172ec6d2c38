"""Writing to Kafka. One rule carries the rest: after any failure the producer is thrown away.

aiokafka's idempotent batches never expire, its futures may wait for ever, and one error that is not retried poisons the
sequence numbers of all that follow. The relay publishes again, and readers dedupe by event id.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from shared.messaging.bus import Record
from shared.messaging.kafka_connection import CLOSE_SECONDS, FAILURES, unavailable_when_it_fails

WINDOW = 1000
"""Records in flight: aiokafka has no limit of its own on the memory it fills."""


class KafkaPublisher:
    """An idempotent producer with acks from all in-sync replicas."""

    def __init__(self, bootstrap: str, *, answer_seconds: float) -> None:
        self._bootstrap = bootstrap
        self._answer_seconds = answer_seconds
        self._producer: AIOKafkaProducer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Connect. Raises BusUnavailable."""
        async with self._one_at_a_time:
            await self._started()

    async def stop(self) -> None:
        """Close the producer. Nothing waits to be sent: publish returns only when all is durable."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _abandon(producer)

    async def publish(self, records: Sequence[Record]) -> None:
        """Durable on return, in order per key.

        Raises BusUnavailable (publish all again), and ValueError for a record too large: it would fail for ever.
        """
        async with self._one_at_a_time:
            producer = await self._started()
            confirmed = False
            try:
                with unavailable_when_it_fails("Kafka did not confirm the records"):
                    for start in range(0, len(records), WINDOW):
                        async with asyncio.timeout(self._answer_seconds):
                            await _send(producer, records[start : start + WINDOW])
                confirmed = True
            finally:
                if not confirmed:
                    await self.stop()

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                enable_idempotence=True,
                linger_ms=0,  # waiting for more halved the throughput: we send whole windows
                max_batch_size=256 * 1024,
                request_timeout_ms=int(self._answer_seconds * 1000),
                metadata_max_age_ms=30_000,
            )
            try:
                with unavailable_when_it_fails("Kafka does not answer"):
                    await asyncio.wait_for(producer.start(), self._answer_seconds)
            except BaseException:
                await _abandon(producer)
                raise
            self._producer = producer
        return self._producer


async def _send(producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
    """Queue one after the other, so that order holds, then wait for all; on a failure the window fails as one."""
    try:
        confirmations = [
            await producer.send(record.topic, record.value, key=record.key.encode(), headers=list(record.headers))
            for record in records
        ]
    except MessageSizeTooLargeError as error:
        raise ValueError("a record is larger than Kafka takes") from error
    await asyncio.gather(*confirmations)


async def _abandon(producer: AIOKafkaProducer) -> None:
    """End the producer for certain. Its own stop() first waits until everything is sent: with brokers down, for ever.

    Nothing is sent after this, so an old batch cannot land behind what the next producer sends.
    """
    sender = producer._sender.sender_task  # noqa: SLF001
    while sender is not None and not sender.done():
        sender.cancel()  # the first time it turns to waiting for its open requests, the next time it cancels those
        await asyncio.wait({sender}, timeout=0.1)
    with suppress(*FAILURES):
        await asyncio.wait_for(producer.client.close(), CLOSE_SECONDS)
    producer._closed = True  # noqa: SLF001  (or it warns that it was left open)
