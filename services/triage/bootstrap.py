"""Wires a triage process by hand, once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.triage.adapters.repositories import TriageUnitOfWork
from services.triage.settings import TriageSettings
from shared.service import Platform, open_platform


@dataclass(kw_only=True)
class Triage:
    """A triage process."""

    settings: TriageSettings
    platform: Platform

    def work(self) -> TriageUnitOfWork:
        """A new unit of work."""
        return TriageUnitOfWork(self.platform.database, self.platform.pack)


@asynccontextmanager
async def open_triage(settings: TriageSettings) -> AsyncGenerator[Triage]:
    """Opens everything a triage process needs, and closes it again."""
    async with open_platform(settings.common) as platform:
        yield Triage(settings=settings, platform=platform)
