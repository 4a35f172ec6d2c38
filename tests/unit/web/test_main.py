"""Whoever starts a process with a setting missing or wrong is told which, and nothing of its value."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mash.services import SERVICES

STARTS = [*((service.name, "worker") for service in SERVICES), ("triage", "api"), ("triage", "migrate")]


def start(service: str, process: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"services.{service}", process]
    only = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
    return subprocess.run(command, env=only | settings, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("service", "process"), STARTS)
def test_a_missing_setting_is_named_and_the_exit_code_is_2(service: str, process: str) -> None:
    done = start(service, process)
    assert done.returncode == 2
    wanted = f"MASH_{service.upper()}_OWNER_DATABASE_URL" if process == "migrate" else "MASH_DATABASE_URL"
    assert done.stderr == f"{wanted} is not set\n"


def test_a_wrong_one_is_named_and_its_value_is_not_repeated() -> None:
    done = start("triage", "worker", MASH_LOG_LEVEL="hush-it-is-secret")
    assert (done.returncode, done.stderr) == (2, "MASH_LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR\n")
    assert "hush" not in done.stdout
