"""Which processes live, as the tests of the launcher ask it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path


def alive(pid: int) -> bool:
    """A dead process that nobody reaped yet is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone_soon(pids: Iterable[int], *, seconds: float = 10) -> bool:
    waiting = list(pids)
    return until(lambda: not any(alive(pid) for pid in waiting), seconds=seconds)


def until(holds: Callable[[], bool], *, seconds: float = 10) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if holds():
            return True
        time.sleep(0.02)
    return holds()
