"""A version whose golden cases fail, or that cannot be read, does not start: in no service, before anything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shared.policy.loader import GoldenCaseError, PolicyError
from shared.service import ROOT, CommonSettings, open_platform
from shared.settings import Environment
from tests.conftest import KEY
from tests.support.packs import NEW, with_second_version

SERVICES = ("intake", "triage", "deadlines", "notify")
LOWERED = ("rules-1-red.yaml", "    route: red-immediate", "    route: amber")
BROKEN = ("rules-1-red.yaml", "{yes: immediate_danger}", "{yes: immediate_dangr}")
VARIABLES = {
    "MASH_ENV": "development",
    "MASH_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/postgres",  # nothing listens: nobody gets that far
    "MASH_ENCRYPTION_KEYS": f"k1:{KEY}",
    "MASH_INDEX_KEY": KEY,
    "MASH_POLICY": NEW,
}


def settings(service: str, policies: Path) -> CommonSettings:
    return replace(CommonSettings.read(Environment(VARIABLES), service), policies_directory=policies)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_service_starts_with_a_version_that_rates_a_golden_case_otherwise(
    service: str, tmp_path: Path
) -> None:
    policies = with_second_version(tmp_path, LOWERED)
    with pytest.raises(GoldenCaseError, match="agreed red, found amber"):
        async with open_platform(settings(service, policies)):
            pytest.fail("it started")


async def test_nor_with_one_that_cannot_be_read(tmp_path: Path) -> None:
    policies = with_second_version(tmp_path, BROKEN)
    with pytest.raises(PolicyError, match=r"rules-1-red.yaml:\d+: rules\[0\].when.yes"):
        async with open_platform(settings("triage", policies)):
            pytest.fail("it started")


def test_the_process_ends_and_says_which_case(tmp_path: Path) -> None:
    policies = with_second_version(tmp_path, LOWERED)
    done = subprocess.run(
        [sys.executable, "-m", "services.triage", "api"], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=60, env={**VARIABLES, "MASH_POLICIES_DIR": str(policies), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode != 0
    said = [json.loads(line) for line in done.stdout.splitlines()]
    [fault] = [line for line in said if line["event"] == "policy refused" and "rating: agreed" in line["reason"]]
    assert fault["policy"] == NEW
    assert fault["reason"] == "golden.yaml:2: immediate danger: rating: agreed red, found amber"
