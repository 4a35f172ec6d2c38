"""Everything on one machine: `mash up` starts the parts in order, tells the story, and ends them in reverse."""

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from mash.environment import process_environment
from mash.machine import Machine, machine
from mash.readiness import refuse_taken, wait_until_ready
from mash.services import SERVICES
from mash.supervisor import Program, Supervisor

KINDS = ("api", "worker")
WATCH_SECONDS = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the caller of `mash up` asked for."""

    data_dir: Path
    bus: str
    demo: bool = True
    until_story_ends: bool = False


def say(text: str) -> None:
    """Print a line to the person at the terminal, at once."""
    print(text, flush=True)


def up(wishes: Wishes) -> int:
    """Run everything until Ctrl-C, or until the story ends if that was wished; return the exit code.

    Raises:
        Refused: something on this machine is in the way.
    """
    refuse_taken(port for _, port in _names_and_ports())
    for wish in STOP_SIGNALS:  # also while the parts start: as Ctrl-C, so that the blocks are left in order
        signal.signal(wish, signal.default_int_handler)
    try:
        with machine(wishes.data_dir, bus=wishes.bus, say=say) as parts:
            return asyncio.run(_serve(wishes, parts))
    except KeyboardInterrupt:
        return _ended_by_hand(wishes)
    finally:
        say("everything is stopped")


def _ended_by_hand(wishes: Wishes) -> int:
    """Ctrl-C is how it usually ends, and a failure for those who wait for the story's end."""
    return 1 if wishes.until_story_ends else 0


async def _serve(wishes: Wishes, parts: Machine) -> int:
    stop = asyncio.Event()
    for wish in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(wish, stop.set)
    supervisor = Supervisor(logs=wishes.data_dir / "logs", say=say)
    watching = asyncio.create_task(_watch(parts))
    showing = asyncio.create_task(_show(wishes, parts, supervisor))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({watching, showing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (watching, showing):
            if task.done():
                task.result()  # its failure is ours
        return 0 if showing.done() else _ended_by_hand(wishes)
    finally:
        for task in (watching, showing, stopping):
            task.cancel()
        say("stopping")
        await supervisor.stop()


async def _show(wishes: Wishes, parts: Machine, supervisor: Supervisor) -> None:
    """Start the services and play the story; returns only if the caller wished to be gone after it."""
    say("services: starting")
    await supervisor.start(programs(parts.settings))
    await wait_until_ready(_names_and_ports())
    if wishes.demo:
        from mash import demo  # noqa: PLC0415  (who wants no story need not load it)

        await demo.run(parts.settings)
    if not wishes.until_story_ends:
        _say_where(wishes)
        await asyncio.Event().wait()


def programs(settings: dict[str, str]) -> list[Program]:
    """Return the eight processes: an API and a worker for each service, with the same start commands as everywhere."""
    return [
        Program(
            name=f"{service.name}-{kind}",
            command=(sys.executable, "-m", f"services.{service.name}", kind),
            environment=process_environment(settings),
        )
        for service in SERVICES
        for kind in KINDS
    ]


def _names_and_ports() -> list[tuple[str, int]]:
    return [
        (f"{service.name}-{kind}", port)
        for service in SERVICES
        for kind, port in zip(KINDS, (service.port, service.worker_port), strict=True)
    ]


async def _watch(parts: Machine) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        parts.revive(say)


def _say_where(wishes: Wishes) -> None:
    for service in SERVICES:
        say(f"  {service.name:10} {service.address}/docs")
    say(f"  data and logs in {wishes.data_dir}; Ctrl-C stops everything, and the data stays")
