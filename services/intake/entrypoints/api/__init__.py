"""Intake's REST API."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.intake.bootstrap import Intake, open_intake
from services.intake.entrypoints.schemas.reading import Reader
from services.intake.settings import read_settings
from shared.process import serve
from shared.web import MIB, create_app

from . import contacts, guidance, links, listing, matches, staff, telling, tokens
from .first_tries import FirstTries
from .preparing import Door

DESCRIPTION = "The front door: tell us that you are worried about a child. What is answered with 201 is kept."


def make_app(intake: Intake) -> FastAPI:
    """The application over an open intake."""
    platform = intake.platform
    production = platform.settings.environment == "production"
    reader = Reader(indicators=platform.pack.indicators, production=production)
    door = Door(intake, reader, FirstTries())
    return create_app(
        title="MASH intake",
        service="intake",
        description=DESCRIPTION,
        routers=[
            listing.router(intake),
            contacts.router(door),
            telling.router(door),
            staff.router(intake),
            links.router(intake),
            matches.router(intake),
            guidance.router(intake),
            *tokens.routers(intake),
        ],
        verifier=platform.verifier,
        checks=platform.checks(),
        version=platform.version,
        metrics=platform.metrics,
        max_body_bytes=MIB,
        body_limits=contacts.BODY_LIMITS,
    )


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = read_settings()
    async with open_intake(settings) as intake:
        await serve(make_app(intake), host=settings.host, port=settings.port, stop=stop)
