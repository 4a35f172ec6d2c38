"""Processes that run the worker's firing loop, each on its own; killed and started again where that is asked for.

They are forked from a process that has imported everything and read the policy: to start Python, import the services
and read it takes seconds, longer than a replica is left alive here. What each then does by itself is to connect.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine

from services.deadlines.adapters.channels.listeners import Listeners
from services.deadlines.adapters.repositories.heartbeat import Heartbeat
from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.bootstrap import Deadlines
from services.deadlines.entrypoints.worker import fire_or_sleep
from shared.database.engine import make_engine
from shared.database.unit_of_work import Database
from shared.metrics import Metrics
from shared.policy.loader import load_pack
from shared.process import run, spare_what_is_loaded
from shared.security.encryption import MasterKeys
from shared.service import ROOT, Platform

STOP_SECONDS = 20
FIRE_BATCH = 500
PRELOADED = "benchmarks.clocks_ready"


@dataclass(frozen=True, kw_only=True)
class _Equipment:
    """As much of a platform as the firing loop uses."""

    engine: AsyncEngine
    database: Database
    metrics: Metrics = field(default_factory=Metrics)


@cache
def rulebooks() -> Rulebooks:
    """The policy, read once."""
    policies = ROOT / "policies"
    return Rulebooks(load_pack(policies), policies)


def fire(settings: Mapping[str, str]) -> None:
    """One replica, until it is told to stop."""

    async def main(stop: asyncio.Event) -> None:
        engine = make_engine(settings["MASH_DEADLINES_DATABASE_URL"])
        masters = MasterKeys.from_setting(settings["MASH_ENCRYPTION_KEYS"])
        database = Database(engine=engine, service="deadlines", master_keys=masters)
        platform = cast("Platform", _Equipment(engine=engine, database=database))
        deadlines = Deadlines(
            platform=platform,
            rulebooks=rulebooks(),
            fire_batch=FIRE_BATCH,
            listeners=Listeners(engine, most=0, figures=platform.metrics.figures),
            heartbeat=Heartbeat(engine),
        )
        spare_what_is_loaded()  # as a worker does when it has started
        while await fire_or_sleep(deadlines, stop):
            pass
        await engine.dispose()

    raise SystemExit(run(main))


class Replicas:
    """So many of them, started anew where one has ended."""

    def __init__(self, context: ForkServerContext, settings: Mapping[str, str], number: int) -> None:
        self._context = context
        self._settings = dict(settings)
        self._running = [self._start() for _ in range(number)]
        self.killed = 0

    def _start(self) -> ForkServerProcess:
        process = self._context.Process(target=fire, args=(self._settings,), daemon=True)
        process.start()
        return process

    def kill(self, chance: random.Random) -> None:
        """Ends one with SIGKILL, wherever it is, and starts another in its place."""
        at = chance.randrange(len(self._running))
        self._running[at].kill()
        self._running[at].join()
        self._running[at] = self._start()
        self.killed += 1

    def stop(self) -> None:
        """Ends all of them, as a supervisor does."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.join(STOP_SECONDS)


@asynccontextmanager
async def replicas(settings: Mapping[str, str], number: int) -> AsyncGenerator[Replicas]:
    """So many replicas for the block."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    running = await asyncio.to_thread(Replicas, context, settings, number)
    try:
        yield running
    finally:
        await asyncio.to_thread(running.stop)
