"""What a test run says at its end: the real parts it ran against, tests of each kind, what was skipped."""

from __future__ import annotations

import os
from collections import Counter

import pytest

PARTS: dict[str, str] = {}
"""Real parts that fixtures of this run have started: name → which one."""

KINDS = ("unit", "architecture", "contracts", "integration", "e2e")
_counted: Counter[tuple[str, str]] = Counter()
NEEDED = {"kafka": "Kafka", "promtool": "promtool"}
"""Marks of tests that need a real part which may not be had here; a skip of one is named at the end."""
_skipped: list[tuple[str, str]] = []


def kind_of(nodeid: str) -> str:
    """The kind of a test, by its folder."""
    return next((kind for kind in KINDS if nodeid.startswith(f"tests/{kind}/")), "other")


def count(report: pytest.TestReport) -> None:
    """Counts one test's outcome."""
    if report.when == "call" or report.skipped or (report.failed and report.when == "setup"):
        _counted[kind_of(report.nodeid), report.outcome] += 1
    if report.skipped:
        _skipped.extend((report.nodeid, NEEDED[mark]) for mark in NEEDED if mark in report.keywords)


def write(reporter: pytest.TerminalReporter) -> None:
    """The closing lines."""
    reporter.section("real parts")
    for name, which in PARTS.items() or {"none": "no test needed one"}.items():
        reporter.line(f"{name}: {which}")
    for kind in KINDS:
        outcomes = {outcome: n for (of, outcome), n in sorted(_counted.items()) if of == kind}
        if outcomes:
            reporter.line(f"{kind}: " + ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items()))
    for nodeid, part in _skipped:
        reporter.line(f"NOT RUN, no {part}: {nodeid}")


def failed_by_skips() -> bool:
    """In CI a test that was skipped for want of a real part is a failure."""
    return bool(os.environ.get("CI")) and bool(_skipped)
