"""What a test run says at its end: the real parts it ran against, tests of each kind, what was skipped."""

from __future__ import annotations

import os
from collections import Counter

import pytest

PARTS: dict[str, str] = {}
"""Real parts that fixtures of this run have started: name → which one."""

KINDS = ("unit", "architecture", "contracts", "integration", "e2e")
_counted: Counter[tuple[str, str]] = Counter()
_skipped_kafka: list[str] = []


def kind_of(nodeid: str) -> str:
    """The kind of a test, by its folder."""
    return next((kind for kind in KINDS if nodeid.startswith(f"tests/{kind}/")), "other")


def count(report: pytest.TestReport) -> None:
    """Counts one test's outcome."""
    if report.when == "call" or report.skipped or (report.failed and report.when == "setup"):
        _counted[kind_of(report.nodeid), report.outcome] += 1
    if report.skipped and "kafka" in report.keywords:
        _skipped_kafka.append(report.nodeid)


def write(reporter: pytest.TerminalReporter) -> None:
    """The closing lines."""
    reporter.section("real parts")
    for name, which in PARTS.items() or {"none": "no test needed one"}.items():
        reporter.line(f"{name}: {which}")
    for kind in KINDS:
        outcomes = {outcome: n for (of, outcome), n in sorted(_counted.items()) if of == kind}
        if outcomes:
            reporter.line(f"{kind}: " + ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items()))
    for nodeid in _skipped_kafka:
        reporter.line(f"NOT RUN, no Kafka: {nodeid}")


def failed_by_skips() -> bool:
    """In CI a Kafka test that was skipped is a failure."""
    return bool(os.environ.get("CI")) and bool(_skipped_kafka)
