"""How much the long tests do."""

from __future__ import annotations

import os

FEW_MINUTES = "60"
"""Contacts of a simulated month that take two or three minutes on two cores."""


def contacts_of_a_month() -> int:
    """How many contacts the simulated month of the end-to-end test has; the real one has 2,080."""
    return int(os.environ.get("MASH_TEST_CONTACTS", FEW_MINUTES))
