"""The process menu that every service has."""

from __future__ import annotations

import argparse
import os

from shared.database.migrate import migrate
from shared.logging import configure_logging
from shared.process import Main, run
from shared.settings import Environment, SettingError


def run_service(service: str, *, api: Main, worker: Main) -> int:
    """Runs what the command line asks for; returns the exit code (2: a setting is missing or wrong)."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    parser.add_argument("process", choices=("api", "worker", "migrate"))
    process = parser.parse_args().process
    environment = Environment(os.environ)
    configure_logging(service=service, process=process, level=environment.text("MASH_LOG_LEVEL", "INFO"))
    try:
        if process == "migrate":
            migrate(service, environment.text(f"MASH_{service.upper()}_OWNER_DATABASE_URL"))
            return 0
        return run(api if process == "api" else worker)
    except SettingError as wrong:
        parser.exit(2, f"{wrong}\n")
