"""A real Apache Kafka for the tests, from the first source that works here; says which, or why there is none.

MASH_TEST_KAFKA (somebody's broker) · a Docker engine · Apache Kafka's own jars, if Java and Maven are there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docker.client import DockerClient
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from mash.kafka import LocalKafka, temporary_kafka
from mash.kafka_jars import POM, KafkaRefused, why_not
from mash.kafka_probe import free_port_pair, wait_until_it_answers

SETTING = "MASH_TEST_KAFKA"
BROKER_PORT = 9092
DOCKER_SOCKET = Path("/var/run/docker.sock")


@dataclass(frozen=True, slots=True)
class KafkaSource:
    """Where the tests' Kafka comes from. Without ``bootstrap`` there is none, and ``name`` says why."""

    name: str
    bootstrap: str | None = None
    local: LocalKafka | None = None
    """The broker itself where it is ours to kill and restart."""


def kafka_version() -> str:
    """The one version of this project, as the pom has it."""
    found = re.search(r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>([\d.]+)</version>", POM.read_text())
    assert found is not None
    return found[1]


@contextmanager
def kafka_for_tests() -> Generator[KafkaSource]:
    """Start or find a broker; it ends with the block."""
    if given := os.environ.get(SETTING):
        yield KafkaSource(f"the broker named by {SETTING}", given)
    elif _docker_works():
        with _container() as bootstrap:
            yield KafkaSource(f"Docker, apache/kafka:{kafka_version()}", bootstrap)
    elif (lacking := why_not()) is not None:
        yield KafkaSource(f"no Kafka: {SETTING} is not set, no Docker engine answers, and {lacking}")
    else:
        with temporary_kafka() as kafka:
            yield KafkaSource(f"Apache Kafka's jars, {kafka_version()}", kafka.bootstrap, kafka)


def _docker_works() -> bool:
    if "DOCKER_HOST" not in os.environ and not DOCKER_SOCKET.exists():
        return False
    try:
        client = DockerClient.from_env(timeout=2)
        client.ping()
        client.close()
    except DockerException:
        return False
    return True


@contextmanager
def _container() -> Generator[str]:
    port = free_port_pair()
    bootstrap = f"127.0.0.1:{port}"
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{BROKER_PORT},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{bootstrap}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    container = DockerContainer(f"apache/kafka:{kafka_version()}").with_bind_ports(BROKER_PORT, port)
    for name, value in settings.items():
        container.with_env(name, value)
    with container:
        if not wait_until_it_answers(bootstrap):
            raise KafkaRefused(f"apache/kafka:{kafka_version()} was started and does not answer on {bootstrap}")
        yield bootstrap
