"""A real promtool for the tests, from the first source that works here; says which, or why there is none.

MASH_PROMTOOL (its path) · the search path · Debian's package of Prometheus, fetched and unpacked, not installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SETTING = "MASH_PROMTOOL"
ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "data" / ".cache" / "promtool"
FETCH_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Promtool:
    """Where it comes from. Without ``path`` there is none, and ``name`` says why."""

    name: str
    path: Path | None = None


def promtool_for_tests() -> Promtool:
    """The first that is there."""
    if given := os.environ.get(SETTING):
        return Promtool(f"the one named by {SETTING}", Path(given))
    if found := shutil.which("promtool"):
        return Promtool("on the search path", Path(found))
    unpacked = CACHE / "usr" / "bin" / "promtool"
    if not unpacked.exists() and (lacking := _fetch(unpacked)) is not None:
        return Promtool(f"no promtool: {SETTING} is not set, none is on the search path, and {lacking}")
    return Promtool("of Debian's package, unpacked", unpacked)


def _fetch(unpacked: Path) -> str | None:
    """Fetches and unpacks the package; returns what is lacking where that cannot be done."""
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            return f"there is no {tool}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        try:
            _run("apt-get", "-qq", "download", "prometheus", folder=folder)
            package = next(Path(folder).glob("prometheus_*.deb"))
            _run("dpkg", "-x", str(package), "unpacked", folder=folder)
            made = Path(folder) / "unpacked" / "usr" / "bin" / "promtool"
            unpacked.parent.mkdir(parents=True, exist_ok=True)
            made.replace(unpacked)  # whole or not at all: other runs may look for it now
        except (OSError, StopIteration, subprocess.SubprocessError):
            return "Debian's package cannot be fetched"
    return None


def _run(*command: str, folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=FETCH_SECONDS)
