"""The deadlines service's REST API: by when, what was missed, what is stuck."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.deadlines.bootstrap import Deadlines, open_deadlines
from services.deadlines.settings import read_settings
from shared.process import serve
from shared.web import create_app

from . import breaches, calendars, clocks, explaining, measures, organisations, upcoming, watchdog

PARTS = (upcoming, clocks, breaches, explaining, organisations, measures, watchdog, calendars)
DESCRIPTION = "By when: every clock, warning and breach, and what is stuck."


def make_app(deadlines: Deadlines) -> FastAPI:
    """The application over an open process."""
    platform = deadlines.platform
    return create_app(
        title="MASH deadlines",
        service="deadlines",
        description=DESCRIPTION,
        routers=[part.router(deadlines) for part in PARTS],
        verifier=platform.verifier,
        checks=platform.checks(),
        version=platform.version,
        metrics=platform.metrics,
    )


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = read_settings()
    async with open_deadlines(settings) as deadlines:
        await serve(make_app(deadlines), host=settings.common.host, port=settings.common.port, stop=stop)
