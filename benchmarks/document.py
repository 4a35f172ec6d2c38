"""docs/measurements.md: a section a benchmark, replaced whenever that one has run."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import COLUMNS, Figure
from shared.service import ROOT

DOCUMENT = ROOT / "docs" / "measurements.md"
INTRODUCTION = """\
# Measurements

Written by `make bench` and `make chaos`. An aim is what a figure should keep to. The ratio is ours to the peer's, but
the other way about in `due` and for processor time in `relay` and `core`, so that more is better; it is the median
of the rounds' own ratios.

Measured on machines of few cores that others use at the same time: absolute figures are reports, and move with what
else runs (each section says how busy the machine was). The peers ran in the same command, taking turns: trust the
ratios and the medians. A load average far above the number of cores means that most of the time was spent waiting for a
processor.

The whole hub keeps its PostgreSQL in memory where there is room (fsync on, but no disk behind it); the benchmarks of
single parts (post, core, relay, matching, clocks) keep it on the disk.
"""
_SECTION = re.compile(r"^## (\w+)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def write(name: str, about: str, figures: Sequence[Figure], *, path: Path = DOCUMENT) -> None:
    """Puts one benchmark's section in its place; the others stay as they are."""
    known = {found[1]: found[0] for found in _SECTION.finditer(path.read_text("utf-8"))} if path.exists() else {}
    known[name] = _section(name, about, figures)
    path.write_text("\n".join([INTRODUCTION, *(text.rstrip() + "\n" for text in known.values())]), "utf-8")


def _section(name: str, about: str, figures: Sequence[Figure]) -> str:
    rows = [COLUMNS, tuple("---" for _ in COLUMNS), *(figure.cells() for figure in figures)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"## {name}\n\n{about}\n\n{table}\n\n{circumstances()}\n"


def circumstances() -> str:
    """When, of what code, on what: cores and Python version, nothing that names a machine."""
    today = datetime.now(UTC).date().isoformat()
    busy = f"load average {os.getloadavg()[1]:.0f} over the last five minutes"
    return f"{today}, commit {_commit()}, {os.cpu_count()} cores, {busy}, Python {platform.python_version()}."


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607  (whichever git is there)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "none yet"
