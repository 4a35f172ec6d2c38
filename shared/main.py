"""The process menu that every service has."""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import Final

from shared.database.migrate import migrate
from shared.logging import configure_logging
from shared.process import Main, run
from shared.settings import Environment, SettingError

LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def run_service(service: str, *, api: Main, worker: Main) -> int:
    """Runs what the command line asks for; returns the exit code (2: a setting is missing or wrong)."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    parser.add_argument("process", choices=("api", "worker", "migrate"))
    process = parser.parse_args().process
    environment = Environment(os.environ)
    try:
        level = environment.choice("MASH_LOG_LEVEL", LOG_LEVELS, default="INFO")
        configure_logging(service=service, process=process, level=level)
        if process == "migrate":
            migrate(service, environment.text(f"MASH_{service.upper()}_OWNER_DATABASE_URL"))
            return 0
        return _run(api if process == "api" else worker)
    except SettingError as wrong:
        parser.exit(2, f"{wrong}\n")


def _run(main: Main) -> int:
    """As ``run``, but a setting that is missing or wrong is raised: whoever starts the process is told which."""
    wrong: list[SettingError] = []

    async def with_settings(stop: asyncio.Event) -> None:
        try:
            await main(stop)
        except SettingError as error:
            wrong.append(error)

    code = run(with_settings)
    if wrong:
        raise wrong[0]
    return code
