"""Every policy pack that is shipped, loaded once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shared.policy.loader import load_pack
from shared.policy.model import Pack

POLICIES = Path(__file__).parents[2] / "policies"
REFS = tuple(sorted(f"{path.parents[1].name}@{path.parent.name}" for path in POLICIES.glob("*/*/pack.yaml")))
"""As settings name them."""


@cache
def pack_called(ref: str) -> Pack:
    """The pack, read once."""
    return load_pack(POLICIES, ref)


def every_pack() -> tuple[Pack, ...]:
    """All of them."""
    return tuple(pack_called(ref) for ref in REFS)
