"""Migrations of the triage service; run by `mash migrate`."""

from services.triage.adapters.tables import METADATA
from shared.database.migrate import run_env

run_env(METADATA)
