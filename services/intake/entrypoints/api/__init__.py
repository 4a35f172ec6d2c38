"""Intake's REST API."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.intake.bootstrap import Intake, open_intake
from services.intake.settings import read_settings
from shared.process import serve
from shared.web import MIB, create_app

from . import contacts, guidance, staff, tokens

DESCRIPTION = "The front door: tell us that you are worried about a child. What is answered with 201 is kept."


def make_app(intake: Intake) -> FastAPI:
    """The application over an open intake."""
    platform = intake.platform
    return create_app(
        title="MASH intake",
        service="intake",
        description=DESCRIPTION,
        routers=[contacts.router(intake), staff.router(intake), guidance.router(intake), *tokens.routers(intake)],
        verifier=platform.verifier,
        checks=platform.checks(),
        version=platform.version,
        metrics=platform.metrics,
        max_body_bytes=MIB,
    )


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = read_settings()
    async with open_intake(settings) as intake:
        await serve(make_app(intake), host=settings.host, port=settings.port, stop=stop)
