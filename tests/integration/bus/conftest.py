"""The three kinds of bus, and topics and groups nobody else uses."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from uuid import uuid4

import pytest

from mash.kafka import LocalKafka, temporary_kafka
from mash.kafka_jars import why_not
from mash.postgres import EmbeddedPostgres
from shared.messaging.bus import Bus, TopicSpec
from tests.integration.bus.harness import DATABASE, FakeHarness, Harness, KafkaHarness, PostgresHarness, socket_of
from tests.integration.bus.proxy import Proxy

PARTITIONS = 4
ROLE = "mash_bus"


@pytest.fixture(scope="session")
def bus_postgres(postgres_server: EmbeddedPostgres) -> EmbeddedPostgres:
    """The server of all tests, with a database for this suite alone; its owner is no superuser."""
    postgres_server.sql(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    return postgres_server


@pytest.fixture(scope="session")
def bus_kafka() -> Iterator[LocalKafka]:
    """A broker of its own: the suite kills it."""
    lacking = why_not()
    if lacking and not os.environ.get("CI"):
        pytest.skip(lacking)
    with temporary_kafka() as kafka:
        yield kafka


@pytest.fixture
async def proxy(bus_postgres: EmbeddedPostgres) -> AsyncIterator[Proxy]:
    proxy = Proxy(socket_of(bus_postgres), role=ROLE)
    await proxy.listen()
    yield proxy
    await proxy.break_off()


KINDS = ["fake", pytest.param("postgres", marks=pytest.mark.postgres), pytest.param("kafka", marks=pytest.mark.kafka)]


@pytest.fixture(params=KINDS)
def harness(request: pytest.FixtureRequest) -> Harness:
    if request.param == "fake":
        return FakeHarness()
    if request.param == "postgres":
        return PostgresHarness(request.getfixturevalue("proxy"))
    return KafkaHarness(request.getfixturevalue("bus_kafka"))


@pytest.fixture
async def new_bus(harness: Harness) -> AsyncIterator[Callable[[], Bus]]:
    """Makes buses, each as another process would have it; closes them at the end."""
    made: list[Bus] = []

    def make() -> Bus:
        made.append(harness.bus())
        return made[-1]

    yield make
    for bus in made:
        await bus.close()


@pytest.fixture
async def topic(new_bus: Callable[[], Bus]) -> str:
    name = f"test.{uuid4()}"
    await new_bus().create_topics([TopicSpec(name, PARTITIONS, 14)])
    return name


@pytest.fixture
def group() -> str:
    return f"group-{uuid4()}"
