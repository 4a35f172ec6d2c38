"""Migrations of the notify service; run by `mash migrate`."""

from services.notify.adapters.tables import METADATA
from shared.database.migrate import run_env

run_env(METADATA)
