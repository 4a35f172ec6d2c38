"""How many examples the long properties try."""

from __future__ import annotations

from hypothesis import settings

FAST = "fast"
"""The profile of `make test-fast`; every other run tries all."""


def examples(number: int) -> int:
    """So many; an eighth of them in a fast run."""
    return max(1, number // 8) if settings.get_current_profile_name() == FAST else number
