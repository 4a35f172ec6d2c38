"""Migrations of the intake service; run by `mash migrate`."""

from services.intake.adapters.tables import METADATA
from shared.database.migrate import run_env

run_env(METADATA)
