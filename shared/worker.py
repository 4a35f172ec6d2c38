"""A service's worker process: consumer, relay and timed loops side by side until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI

from shared.contracts.envelope import EventData
from shared.contracts.topics import topics_heard_by
from shared.database.faults import is_infrastructure
from shared.database.session_lock import SessionLock, lowest_free_slot
from shared.database.unit_of_work import UnitOfWork
from shared.heartbeats import Heartbeats
from shared.logging import get_logger
from shared.messaging.apply import Applier, Handler, ParkedHandler
from shared.messaging.bus import Bus
from shared.messaging.consumer import Consumer
from shared.messaging.housekeeping import keep_house
from shared.messaging.patience import Patience, pause
from shared.messaging.relay import Relay
from shared.metrics import watch_loop_lag
from shared.process import run_together, serve
from shared.service import Platform
from shared.web import create_app

log = get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A timed loop: ``work`` is called, then ``seconds`` are waited, or none while it returns True (more to do).

    One round may take ``round_seconds``: a loop that is longer silent makes the process not ready, and is alarmed.
    """

    name: str
    seconds: float
    work: Callable[[], Awaitable[bool | None]]
    round_seconds: float = 120


async def run_worker(
    platform: Platform,
    *,
    open_work: Callable[[], UnitOfWork],
    handlers: Mapping[type[EventData], Handler],
    when_parked: ParkedHandler,
    loops: Sequence[Timed],
    stop: asyncio.Event,
) -> None:
    """Runs until ``stop``. What is not a passing fault of the infrastructure ends the process: it is started again."""
    settings, metrics = platform.settings, platform.metrics
    slot_lock = SessionLock(settings.database_url, f"{settings.service} worker")
    slot = await lowest_free_slot(slot_lock)
    bus = platform.make_bus(member=f"{settings.service}-{slot}")
    publisher = bus.publisher()
    relay_lock = SessionLock(settings.database_url, f"{settings.service} relay")
    relay = Relay(lock=relay_lock, publisher=publisher, metrics=metrics)
    platform.database.on_commit = relay.wake
    applier = Applier(
        service=settings.service, open_work=open_work, handlers=handlers, when_parked=when_parked, metrics=metrics
    )
    subscription = bus.subscription(group=settings.service, topics=topics_heard_by(settings.service))
    consumer = Consumer(subscription=subscription, applier=applier, metrics=metrics)
    timed = [Timed(name="slot", seconds=1, work=slot_lock.check), *_house(platform, bus, applier, consumer), *loops]
    try:
        await run_together(
            stop,
            _publish(relay, publisher.start, stop),
            consumer.run(stop),
            serve(_operations(platform, bus), host=settings.host, port=settings.worker_port + slot, stop=stop),
            watch_loop_lag(metrics, stop),
            *(repeat(loop, stop, metrics.heartbeats) for loop in timed),
        )
    finally:
        await publisher.stop()
        await bus.close()
        await slot_lock.release()


def _house(platform: Platform, bus: Bus, applier: Applier, consumer: Consumer) -> list[Timed]:
    """The timed loops that every worker has."""
    return [
        Timed(name="release", seconds=1, work=applier.release_ready),
        Timed(name="lag", seconds=5, work=partial(consumer.measure_lag, platform.settings.service)),
        Timed(name="house", seconds=10, work=partial(keep_house, platform)),
        Timed(name="prune", seconds=3600, work=partial(_prune, bus)),
    ]


def _operations(platform: Platform, bus: Bus) -> FastAPI:
    """A worker's /livez, /readyz, /metrics and /version."""
    service = platform.settings.service
    return create_app(
        title=f"MASH {service} worker",
        service=service,
        routers=[],
        verifier=None,
        checks={**platform.checks(), "bus": bus.check, "loops": platform.metrics.heartbeats.check},
        version=platform.version,
        metrics=platform.metrics,
    )


async def _prune(bus: Bus) -> None:
    await bus.prune()


async def _publish(relay: Relay, start: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    patience = Patience()
    while not stop.is_set():
        try:
            await start()
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("relay waits for the bus", error=type(error).__name__)
            await patience.wait(stop)
        else:
            await relay.run(stop)


async def repeat(loop: Timed, stop: asyncio.Event, heartbeats: Heartbeats) -> None:
    """Runs one loop until ``stop``; each round that succeeds is a sign of life."""
    patience = Patience()
    heartbeats.watch(loop.name, within_seconds=loop.seconds + loop.round_seconds)
    while not stop.is_set():
        try:
            more = await loop.work()
        except Exception as error:
            # The slot is what makes this worker's name its own: without it the process must not go on.
            if not is_infrastructure(error) or loop.name == "slot":
                raise
            log.warning("timed loop waits", task=loop.name, error=type(error).__name__)
            await patience.wait(stop)
        else:
            patience.reset()
            heartbeats.beat(loop.name)
            if not more:
                await pause(stop, loop.seconds)
