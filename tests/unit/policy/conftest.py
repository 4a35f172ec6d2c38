"""The shipped pack, loaded once."""

from pathlib import Path

import pytest

from shared.policy.loader import load_pack
from shared.policy.model import Pack

POLICIES = Path(__file__).parents[3] / "policies"
REF = "southampton-pathways-2021@1"


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(POLICIES, REF)
