"""Commands that start things: `up`, `serve`, `migrate`, `kafka`."""

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mash import migrations
from mash.environment import DEFAULT_DATA_DIR, current_settings, process_environment
from mash.kafka import DEFAULT_PORT, LocalKafka
from mash.machine import forget
from mash.services import SERVICES, service_named
from mash.up import Wishes, say
from mash.up import up as run_everything

app = typer.Typer()

DataDir = Annotated[Path, typer.Option(help="Where data, logs and keys are kept.")]


class BusName(StrEnum):
    """Which bus carries the events."""

    POSTGRES = "postgres"
    KAFKA = "kafka"


class ServiceName(StrEnum):
    """One of the four services."""

    INTAKE = "intake"
    TRIAGE = "triage"
    DEADLINES = "deadlines"
    NOTIFY = "notify"


class Kind(StrEnum):
    """Which process of a service."""

    API = "api"
    WORKER = "worker"


@app.command()
def up(
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Forget all data first.")] = False,
    bus: Annotated[BusName, typer.Option(help="What carries the events.")] = BusName.POSTGRES,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Send no example contacts.")] = False,
    until_story_ends: Annotated[bool, typer.Option("--until-story-ends", help="Stop after the examples.")] = False,
) -> None:
    """Run everything on this machine: databases, bus, four services, and the story of the example contacts."""
    if reset:
        forget(data_dir)
    wishes = Wishes(data_dir=data_dir, bus=bus.value, demo=not no_demo, until_story_ends=until_story_ends)
    raise typer.Exit(run_everything(wishes))


@app.command()
def serve(service: ServiceName, kind: Annotated[Kind, typer.Argument()] = Kind.API) -> None:
    """Run one process of one service here, in the foreground."""
    command = [sys.executable, "-m", f"services.{service.value}", kind.value]
    os.execve(command[0], command, process_environment(current_settings()))  # noqa: S606  (no shell is the point)


@app.command()
def migrate(service: Annotated[ServiceName | None, typer.Argument(help="All of them by default.")] = None) -> None:
    """Bring the databases up to date and make the bus's topics; safe at any time, and again."""
    settings = current_settings()
    chosen = SERVICES if service is None else (service_named(service.value),)
    migrations.migrate_databases(settings, chosen)
    migrations.create_topics(settings)
    say(f"{', '.join(each.name for each in chosen)}: up to date; topics: there")


@app.command(name="check-migrations")
def check_the_migrations() -> None:
    """Tell whether the migrations make the tables that the code describes (`make check`)."""
    from mash.check_migrations import check_migrations  # noqa: PLC0415  (loads all four services)

    found = check_migrations()
    for difference in found:
        say(difference)
    say("migrations and tables differ" if found else "migrations and tables agree")
    raise typer.Exit(1 if found else 0)


@app.command()
def kafka(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    port: Annotated[int, typer.Option(help="Its controller takes the next port too.")] = DEFAULT_PORT,
) -> None:
    """Run a real Apache Kafka here until Ctrl-C, for those without Docker (needs Java 17 and Maven)."""
    broker = LocalKafka(data_dir / "kafka", port=port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        say("Kafka: starting (the first time its jars are fetched)")
        broker.start()
        say(f"Kafka answers on {broker.bootstrap}; Ctrl-C stops it, and the records stay")
        signal.pause()
    except KeyboardInterrupt:
        say("stopping")
    finally:
        broker.stop()


@app.command(name="forget", hidden=True)
def forget_data(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Delete all data, logs and keys (`make clean`)."""
    forget(data_dir)
