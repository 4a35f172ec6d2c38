"""A further version of the shipped pack, changed as a test needs it."""

from __future__ import annotations

import shutil
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "policies"
PACK = "southampton-pathways-2021"
OLD, NEW = f"{PACK}@1", f"{PACK}@2"
ONE_CASE = """golden:
  - name: "immediate danger"
    facts: {kind: child, immediate_danger: "yes"}
    expect:
      rating: red
      routes: [red-immediate]
      outcome: s47_strategy_discussion
      rules: [R-RED-IMMEDIATE, R-PHONE-FIRST]
"""
"""Enough to be proven; what a test changes would fail the pack's own cases."""


def with_second_version(root: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of the shipped packs in ``root`` with a version 2: in each file named, a text is replaced by another."""
    policies = root / "policies"
    shutil.copytree(SHIPPED, policies)
    second = policies / PACK / "2"
    shutil.copytree(policies / PACK / "1", second)
    for golden in second.glob("golden-*.yaml"):
        golden.unlink()
    (second / "golden.yaml").write_text(ONE_CASE, encoding="utf-8")
    for file, before, after in (("pack.yaml", 'version: "1"', 'version: "2"'), *changes):
        text = (second / file).read_text(encoding="utf-8")
        assert before in text
        (second / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    return policies
