"""Wires a deadlines process by hand, once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.deadlines.adapters.channels.listeners import Listeners
from services.deadlines.adapters.repositories import DeadlinesUnitOfWork
from services.deadlines.adapters.repositories.heartbeat import Heartbeat
from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.measures import Population
from services.deadlines.settings import DeadlinesSettings
from shared.service import Platform, open_platform


@dataclass(kw_only=True)
class Deadlines:
    """A deadlines process."""

    platform: Platform
    rulebooks: Rulebooks
    fire_batch: int
    listeners: Listeners
    heartbeat: Heartbeat
    population: Population | None = None

    def work(self) -> DeadlinesUnitOfWork:
        """A new unit of work."""
        return DeadlinesUnitOfWork(self.platform.database, self.rulebooks)

    def firing_work(self) -> DeadlinesUnitOfWork:
        """A new unit of work of the firing loop, which loads less."""
        return DeadlinesUnitOfWork(self.platform.database, self.rulebooks, fires_only=True)


@asynccontextmanager
async def open_deadlines(settings: DeadlinesSettings) -> AsyncGenerator[Deadlines]:
    """Opens everything a deadlines process needs, and closes it again."""
    async with open_platform(settings.common) as platform:
        yield wire(platform, settings)


def wire(platform: Platform, settings: DeadlinesSettings) -> Deadlines:
    """The process over an open platform. Raises CalendarRefused where the policy's calendar is missing or wrong."""
    rulebooks = Rulebooks(platform.pack, settings.common.policies_directory, settings.milestone_feeds)
    return Deadlines(
        platform=platform,
        rulebooks=rulebooks,
        fire_batch=settings.fire_batch,
        listeners=Listeners(platform.engine, most=settings.stream_listeners, figures=platform.metrics.figures),
        heartbeat=Heartbeat(platform.engine),
        population=settings.population,
    )
