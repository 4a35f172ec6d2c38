"""What the suite needs to know of each kind of bus: how to reach it, how a member dies, how the bus goes away."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from mash.kafka import LocalKafka
from mash.postgres import EmbeddedPostgres
from shared.messaging.bus import Bus
from shared.messaging.kafka import KafkaBus
from shared.messaging.postgres import PostgresBus
from tests.integration.bus.proxy import Proxy
from tests.support.fakes_bus import FakeBroker, FakeBus

DATABASE = "bus_suite"

Kill = Callable[[], Awaitable[None]]

KAFKA_SESSION_SECONDS = 6.0  # the shortest a broker allows
KAFKA_ANSWER_SECONDS = 3.0
CHECKOUT = Path(__file__).resolve().parents[3]


class Harness(Protocol):
    """One kind of bus. `taken_over_seconds`: how soon a killed member's partitions must be read by others."""

    taken_over_seconds: float

    def bus(self) -> Bus:
        """A bus as another process would make it; the fixture closes it."""
        ...

    async def doomed_member(self, group: str, topic: str) -> Kill:
        """A member (a process of its own, where there are processes) that has read records and commits none."""
        ...

    def outage(self) -> AbstractAsyncContextManager[None]:
        """The bus is away inside, and back afterwards."""
        ...


class FakeHarness:
    """The bus in memory."""

    taken_over_seconds = 1.0

    def __init__(self) -> None:
        self.broker = FakeBroker()

    def bus(self) -> Bus:
        return FakeBus(self.broker)

    async def doomed_member(self, group: str, topic: str) -> Kill:
        member = FakeBus(self.broker).subscription(group=group, topics=[topic])
        await member.start()
        assert await member.poll(max_records=1000, timeout_seconds=1)
        return member.stop

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None]:
        self.broker.reachable = False
        yield
        self.broker.reachable = True


class PostgresHarness:
    """PostgreSQL behind a proxy of ours, so that it can go away for this bus alone."""

    taken_over_seconds = 1.0

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.dsn = f"postgresql+asyncpg://{proxy.role}@127.0.0.1:{proxy.port}/{DATABASE}"

    def bus(self) -> Bus:
        return PostgresBus(self.dsn)

    async def doomed_member(self, group: str, topic: str) -> Kill:
        return await _member_process("postgres", self.dsn, group, topic)

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None]:
        await self._proxy.break_off()
        yield
        await self._proxy.listen()


class KafkaHarness:
    """A broker of its own; an outage kills it and starts it again on the same data."""

    taken_over_seconds = KAFKA_SESSION_SECONDS + 3.0

    def __init__(self, kafka: LocalKafka) -> None:
        self._kafka = kafka

    def bus(self) -> Bus:
        return kafka_bus(self._kafka.bootstrap)

    async def doomed_member(self, group: str, topic: str) -> Kill:
        return await _member_process("kafka", self._kafka.bootstrap, group, topic)

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None]:
        self._kafka.kill()
        yield
        self._kafka.start()  # from this thread: the broker ends with the thread that started it


def kafka_bus(bootstrap: str) -> KafkaBus:
    """Less patient than in earnest."""
    return KafkaBus(bootstrap, session_timeout_seconds=KAFKA_SESSION_SECONDS, answer_seconds=KAFKA_ANSWER_SECONDS)


def socket_of(postgres: EmbeddedPostgres) -> str:
    """The path of the server's Unix socket."""
    return f"{postgres.place.socket_dir}/.s.PGSQL.5432"


async def _member_process(kind: str, address: str, group: str, topic: str) -> Kill:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.bus.member",
        *(kind, address, group, topic),
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert (await asyncio.wait_for(process.stdout.readline(), 30)).startswith(b"read")

    async def kill() -> None:
        process.kill()
        await asyncio.wait_for(process.wait(), 5)

    return kill
