"""``python -m services.triage api|worker|migrate``."""

from __future__ import annotations

import sys

from services.triage.entrypoints import api, worker
from shared.main import run_service

if __name__ == "__main__":
    sys.exit(run_service("triage", api=api.main, worker=worker.main))
