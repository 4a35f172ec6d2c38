"""Databases brought to the newest version, and the topics of the bus made."""

import asyncio
from collections.abc import Iterable, Mapping

from mash.refusal import Refused
from mash.service_client import register_notify
from mash.services import Service
from shared.contracts.topics import DEAD_LETTER_TOPICS, PARTITIONS, TOPICS
from shared.database import migrate
from shared.messaging.bus import Bus, BusUnavailable, TopicSpec
from shared.messaging.kafka import KafkaBus
from shared.messaging.postgres import PostgresBus

DEAD_LETTER_RETENTION_DAYS = 45  # as long as parked messages are kept in the database


def migrate_databases(settings: Mapping[str, str], services: Iterable[Service]) -> None:
    """Bring each service's database to the newest version, as its owner; safe again and by several at once.

    Raises:
        Refused: the settings name no owner's address, or nobody answers there.
    """
    for service in services:
        name = service.setting("OWNER_DATABASE_URL")
        if name not in settings:
            raise Refused(f"{name} is not set: migrations run as the owner of the tables, not as the service")
        try:
            migrate.migrate(service.name, settings[name])
        except OSError as error:
            raise Refused(f"no database answers at {name}: {type(error).__name__}") from error
        if service.name == "intake":
            register_notify(settings)


def create_topics(settings: Mapping[str, str]) -> None:
    """Make the topics of the registry that are missing; those that exist stay as they are.

    Raises:
        Refused: the settings name no bus, or it does not answer.
    """
    try:
        asyncio.run(_create_topics(_bus(settings)))
    except BusUnavailable as error:
        raise Refused(str(error)) from error


async def _create_topics(bus: Bus) -> None:
    try:
        await bus.create_topics([*_topics()])
    finally:
        await bus.close()


def _topics() -> Iterable[TopicSpec]:
    for topic in TOPICS:
        yield TopicSpec(topic.name, topic.partitions, topic.retention_days)
    for name in DEAD_LETTER_TOPICS:
        yield TopicSpec(name, PARTITIONS, DEAD_LETTER_RETENTION_DAYS)


def _bus(settings: Mapping[str, str]) -> Bus:
    if settings.get("MASH_BUS", "postgres") == "kafka":
        return KafkaBus(_required(settings, "MASH_KAFKA_BOOTSTRAP"))
    return PostgresBus(_required(settings, "MASH_BUS_DATABASE_URL"))


def _required(settings: Mapping[str, str], name: str) -> str:
    if not settings.get(name):
        raise Refused(f"{name} is not set")
    return settings[name]
