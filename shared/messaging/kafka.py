"""The bus on Apache Kafka: topics, health, and the making of publishers and members.

aiokafka's own defaults lose messages and its waits have no end; every setting and timeout has its reason beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.messaging.bus import BusUnavailable, TopicSpec
from shared.messaging.kafka_connection import ANSWER_SECONDS, CLOSE_SECONDS, FAILURES, unavailable_when_it_fails
from shared.messaging.kafka_publisher import KafkaPublisher
from shared.messaging.kafka_subscription import KafkaSubscription

log = structlog.get_logger(__name__)

TOPICS_READY_SECONDS = 20.0
DAY_MS = 86_400_000


class KafkaBus:
    """The bus on Kafka.

    `member` ("service-slot") makes its subscription a static member: a killed one that comes back under the same name
    gets its partitions back at once, without a rebalance. No two living processes may share it. Without that, a killed
    member's partitions are free after `session_timeout_seconds`. `answer_seconds` is the limit on every request.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        member: str | None = None,
        session_timeout_seconds: float = 15.0,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._bootstrap = bootstrap
        self._member = member
        self._session_timeout_seconds = session_timeout_seconds
        self._answer_seconds = answer_seconds
        self._handed_out: list[KafkaPublisher | KafkaSubscription] = []

    def publisher(self) -> KafkaPublisher:
        """A new publisher with a producer of its own."""
        publisher = KafkaPublisher(self._bootstrap, answer_seconds=self._answer_seconds)
        self._handed_out.append(publisher)
        return publisher

    def subscription(self, *, group: str, topics: Sequence[str]) -> KafkaSubscription:
        """A new member of the group."""
        subscription = KafkaSubscription(
            self._bootstrap,
            group=group,
            topics=topics,
            member=self._member,
            session_timeout_seconds=self._session_timeout_seconds,
            answer_seconds=self._answer_seconds,
        )
        self._handed_out.append(subscription)
        return subscription

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Create what is missing, on as many as three brokers, and wait until it can be used."""
        async with self._admin() as admin:
            brokers = len((await admin.describe_cluster())["brokers"])
            wanted = [_new_topic(topic, copies=min(3, brokers)) for topic in topics]
            answer = cast("Any", await admin.create_topics(wanted))
            for name, code, *_ in answer.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise BusUnavailable(f"Kafka did not create the topic {name}: {error.__name__}")
        await self._until_ready(topics)

    async def check(self) -> None:
        """Raise BusUnavailable unless a broker answers."""
        async with self._admin() as admin:
            await admin.describe_cluster()

    async def prune(self) -> int:
        """Nothing to do: the broker keeps each topic's retention."""
        return 0

    async def close(self) -> None:
        """Stop what was handed out."""
        for part in self._handed_out:
            await part.stop()

    async def _until_ready(self, topics: Sequence[TopicSpec]) -> None:
        """The controller says yes before the brokers know: wait for a leader of every partition."""
        with unavailable_when_it_fails("the topics are not ready"):
            async with asyncio.timeout(TOPICS_READY_SECONDS):
                while True:
                    async with self._admin() as admin:
                        found = await admin.describe_topics([topic.name for topic in topics])
                    led = {
                        topic["topic"]: sum(part["leader"] >= 0 for part in topic["partitions"])
                        for topic in found
                        if not topic["error_code"]
                    }
                    if all(led.get(topic.name, 0) >= 1 for topic in topics):
                        break
                    await asyncio.sleep(0.1)
        for topic in topics:
            if led[topic.name] != topic.partitions:
                log.warning("bus.partitions_differ", topic=topic.name, wanted=topic.partitions, found=led[topic.name])

    @asynccontextmanager
    async def _admin(self) -> AsyncGenerator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self._bootstrap, request_timeout_ms=int(self._answer_seconds * 1000)
        )
        with unavailable_when_it_fails("Kafka does not answer"):
            try:
                async with asyncio.timeout(self._answer_seconds):
                    await admin.start()
                    yield admin
            finally:
                with suppress(*FAILURES):
                    await asyncio.wait_for(admin.close(), CLOSE_SECONDS)


def _new_topic(topic: TopicSpec, *, copies: int) -> NewTopic:
    return NewTopic(
        topic.name,
        topic.partitions,
        copies,
        topic_configs={
            "retention.ms": str(topic.retention_days * DAY_MS),
            "min.insync.replicas": str(max(1, copies - 1)),
            "unclean.leader.election.enable": "false",  # a broker that missed records must not become the leader
            "cleanup.policy": "delete",
        },
    )
