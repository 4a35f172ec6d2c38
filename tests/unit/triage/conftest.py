"""The shipped pack, and triage's handlers over memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.policy.loader import load_pack
from shared.policy.model import Pack

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(POLICIES, "southampton-pathways-2021@1")
