"""Alarms and dashboards ask only for what our processes export: a figure that is renamed must not silence one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.exported import Asked, asked, exported

ROOT = Path(__file__).resolve().parents[3]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "ops" / "prometheus" / "rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
PAGE = (ROOT / "docs" / "operations.md").read_text()


def unknown(expression: str) -> list[Asked]:
    """What an expression asks for that nobody exports."""
    known = exported()
    return [one for one in asked(expression) if one.metric not in known or not one.labels <= known[one.metric]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_asks_for_what_is_exported(rule: dict[str, Any]) -> None:
    assert asked(rule["expr"]), "it asks for nothing"
    assert unknown(rule["expr"]) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
    section = re.search(rf"^### {rule['alert']}\n+(.+?)(?=^### |^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, f"docs/operations.md has no section {rule['alert']}"
    assert "**Means.**" in section[1]
    assert "**Do.**" in section[1]


def test_no_alarm_is_a_ratio() -> None:
    assert [rule["alert"] for rule in RULES if "/" in rule["expr"]] == []


def test_the_finder_finds_what_nobody_exports() -> None:
    assert unknown("max(mash_no_such_thing) > 0")
    assert unknown('sum by (child) (rate(mash_http_request_seconds_count{route="/"}[5m]))')
    assert unknown("mash_events_handled > 0"), "a counter's series ends in _total"
    assert not unknown("histogram_quantile(0.99, sum by (le, kind) (rate(mash_clock_late_seconds_bucket[5m])))")
    with pytest.raises(ValueError, match=r"."):
        asked("rate(x[5m")
