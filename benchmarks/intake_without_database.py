"""Intake's API doing everything for a POST but the database's statements: the peer of the durable one."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from services.intake.bootstrap import Intake, open_intake
from services.intake.entrypoints.api import make_app
from shared.logging import configure_logging
from shared.process import run, serve
from shared.service import CommonSettings
from shared.settings import Environment


class _Nowhere:
    """A connection that says yes at once: to "what time is it" and to "was it stored"."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        return

    async def execute(self, statement: object, parameters: dict[str, Any] | None = None) -> Self:
        del statement
        self._sent: list[Any] = (parameters or {}).get("onces", [])
        return self

    def scalars(self) -> list[Any]:
        return self._sent

    def scalar_one(self) -> datetime:
        return datetime.now(UTC)


class IntakeWithoutDatabase(Intake):
    """Accepts contacts, and forgets them."""

    def autocommit(self) -> AsyncConnection:
        """No connection at all."""
        nowhere: Any = _Nowhere()
        return nowhere


async def main(stop: asyncio.Event) -> None:
    """Serves until ``stop``."""
    settings = CommonSettings.read(Environment(os.environ), "intake")
    async with open_intake(settings) as intake:
        without = IntakeWithoutDatabase(
            platform=intake.platform, token_keys=intake.token_keys, accepting=intake.accepting
        )
        await serve(make_app(without), host=settings.host, port=settings.port, stop=stop)


if __name__ == "__main__":
    configure_logging(service="intake", process="api")
    sys.exit(run(main))
