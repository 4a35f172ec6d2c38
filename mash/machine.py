"""What the services stand on, on one machine: PostgreSQL, perhaps Kafka, databases, topics, keys."""

import os
import shutil
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mash import environment
from mash.charge import take_charge
from mash.clock_settings import set_clocks
from mash.databases import ensure_databases
from mash.kafka import LocalKafka
from mash.migrations import create_topics, migrate_databases
from mash.postgres import EmbeddedPostgres
from mash.services import SERVICES

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Machine:
    """The running parts; ``kafka`` is None where the bus is PostgreSQL or somebody else's Kafka."""

    postgres: EmbeddedPostgres
    kafka: LocalKafka | None
    settings: dict[str, str]

    def revive(self, say: Say) -> None:
        """Start again what has died."""
        for name, part in (("PostgreSQL", self.postgres), ("Kafka", self.kafka)):
            if part is not None and part.pid is None:
                say(f"{name} has died: starting it again")
                part.start()


@contextmanager
def machine(data_dir: Path, *, bus: str, say: Say) -> Generator[Machine]:
    """Start the parts in order, migrate, let the other commands find it all; stop in reverse.

    Raises:
        Refused: something on this machine is in the way.
    """
    with ExitStack() as closing:
        say("PostgreSQL: starting")
        postgres = EmbeddedPostgres(data_dir / "postgres")
        closing.callback(postgres.stop)
        postgres.start()
        ensure_databases(postgres)
        bootstrap, kafka = None, None
        if bus == "kafka":
            bootstrap = os.environ.get("MASH_KAFKA_BOOTSTRAP")
            kafka = None if bootstrap else LocalKafka(data_dir / "kafka")
        if kafka is not None:
            say("Kafka: starting (the first time its jars are fetched)")
            closing.callback(kafka.stop)
            kafka.start()
            bootstrap = kafka.bootstrap
        settings = environment.settings_for(postgres, data_dir=data_dir, kafka_bootstrap=bootstrap)
        say("databases and topics: bringing them up to date")
        migrate_databases(settings, SERVICES)
        create_topics(settings)
        set_clocks(settings, os.environ)
        closing.callback(environment.withdraw, data_dir=data_dir)
        environment.publish(settings, data_dir=data_dir)
        yield Machine(postgres, kafka, settings)


def forget(data_dir: Path) -> None:
    """Delete everything under the data folder: records, logs and keys.

    Raises:
        Refused: a launcher is using it.
    """
    servers = (EmbeddedPostgres(data_dir / "postgres"), LocalKafka(data_dir / "kafka"))
    for folder in (data_dir / "postgres", data_dir / "kafka"):
        if folder.exists():
            take_charge(folder).close()  # all of it or nothing: ask for both before either goes
    for server in servers:
        server.erase()
    shutil.rmtree(data_dir, ignore_errors=True)
