"""Wires a deadlines process by hand, once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.deadlines.adapters.channels.listeners import Listeners
from services.deadlines.adapters.repositories import DeadlinesUnitOfWork
from services.deadlines.adapters.repositories.calendar_versions import TABLE
from services.deadlines.adapters.repositories.calendars import shipped_calendars, shipped_version
from services.deadlines.adapters.repositories.heartbeat import Heartbeat
from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.measures import Population
from services.deadlines.settings import DeadlinesSettings
from shared.database.table_keys import table_cipher
from shared.logging import get_logger
from shared.service import Platform, open_platform

log = get_logger()


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

    async def calendar_work(self) -> DeadlinesUnitOfWork:
        """A new unit of work that can read and write the names of closed days."""
        database = self.platform.database
        cipher = await table_cipher(self.platform.engine, database.master_keys, database.service, TABLE)
        return DeadlinesUnitOfWork(database, self.rulebooks, calendar_cipher=cipher)

    async def keep_shipped_calendars(self) -> None:
        """Takes the shipped calendars over where the database has none of that name. Raises CalendarRefused.

        A shipped version that is newer than what was approved here is not taken: a person proposes it.
        """
        directory = self.platform.settings.policies_directory
        async with self.work() as work:
            for name in shipped_calendars(directory):
                shipped = shipped_version(directory, name)
                await work.calendars.add_shipped(shipped)
                if shipped.shipped > max(one.shipped for one in await work.calendars.newest(name)):
                    log.warning("a newer calendar was shipped: propose it", version=shipped.shipped)
            await work.commit()

    def firing_work(self) -> DeadlinesUnitOfWork:
        """A new unit of work of the firing loop, which loads less."""
        return DeadlinesUnitOfWork(self.platform.database, self.rulebooks, fires_only=True)


@asynccontextmanager
async def open_deadlines(settings: DeadlinesSettings) -> AsyncGenerator[Deadlines]:
    """Opens everything a deadlines process needs, and closes it again."""
    async with open_platform(settings.common) as platform:
        deadlines = wire(platform, settings)
        await deadlines.keep_shipped_calendars()
        yield deadlines


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
