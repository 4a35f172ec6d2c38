"""The deadlines service's REST API: by when, what was missed, what is stuck."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.deadlines.bootstrap import Deadlines, open_deadlines
from services.deadlines.settings import read_settings
from shared.process import run_together, serve
from shared.web import create_app

from . import breaches, calendars, clocks, explaining, measures, organisations, stream, upcoming, watchdog

PARTS = (upcoming, stream, clocks, breaches, explaining, organisations, measures, watchdog, calendars)
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
        checks={**platform.checks(), "firing": deadlines.heartbeat.check},
        version=platform.version,
        metrics=platform.metrics,
    )


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = read_settings()
    async with open_deadlines(settings) as deadlines:
        host, port = settings.common.host, settings.common.port
        answering = serve(make_app(deadlines), host=host, port=port, stop=stop)
        await run_together(stop, answering, deadlines.listeners.run(stop))
