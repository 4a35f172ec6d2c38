"""Triage's REST API for the staff of the hub."""

from __future__ import annotations

import asyncio
import os

from fastapi import FastAPI

from services.triage.bootstrap import Triage, open_triage
from services.triage.domain.model import Lacking, NotAllowed, NotThere
from services.triage.entrypoints.api import closing, discussing, gathering, reading, versions, writing
from services.triage.entrypoints.api.turn import answer_lacking, answer_not_allowed, answer_not_there
from services.triage.settings import TriageSettings
from shared.process import serve
from shared.settings import Environment
from shared.web import create_app


def make_app(triage: Triage) -> FastAPI:
    """The application over an open process."""
    platform = triage.platform
    app = create_app(
        title="MASH triage",
        service="triage",
        routers=[
            reading.router,
            versions.router,
            gathering.router,
            discussing.router,
            writing.router,
            closing.router,
        ],
        verifier=platform.verifier,
        checks=platform.checks(),
        version=platform.version,
        metrics=platform.metrics,
        description="The queue of the hub: ratings with their reasons, discussions, decisions, milestones, closure.",
    )
    app.state.triage = triage
    app.add_exception_handler(NotAllowed, answer_not_allowed)
    app.add_exception_handler(Lacking, answer_lacking)
    app.add_exception_handler(NotThere, answer_not_there)
    return app


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = TriageSettings.read(Environment(os.environ))
    async with open_triage(settings) as triage:
        await serve(make_app(triage), host=settings.common.host, port=settings.common.port, stop=stop)
