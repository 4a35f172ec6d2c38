"""Migrations of the deadlines service; run by `mash migrate`."""

from services.deadlines.adapters.tables import METADATA
from shared.database.migrate import run_env

run_env(METADATA)
