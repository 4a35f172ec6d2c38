"""Wires a triage process by hand, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.triage.adapters.repositories import TriageUnitOfWork
from services.triage.settings import TriageSettings
from shared.policy.shelf import PackShelf
from shared.service import Platform, open_platform


@dataclass(kw_only=True)
class Triage:
    """A triage process. ``backtesting`` is held while one runs: they are heavy, and take turns."""

    settings: TriageSettings
    platform: Platform
    packs: PackShelf = field(init=False)
    backtesting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.packs = PackShelf(self.platform.pack, self.platform.settings.policies_directory)

    def work(self) -> TriageUnitOfWork:
        """A new unit of work."""
        return TriageUnitOfWork(self.platform.database, self.platform.pack)


@asynccontextmanager
async def open_triage(settings: TriageSettings) -> AsyncGenerator[Triage]:
    """Opens everything a triage process needs, and closes it again."""
    async with open_platform(settings.common) as platform:
        yield Triage(settings=settings, platform=platform)
