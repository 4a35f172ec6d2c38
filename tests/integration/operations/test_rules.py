"""The alarms as Prometheus itself reads them: every rule holds in form, each is raised and not raised by a test."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.support import report as run_report
from tests.support.promtool import promtool_for_tests

OPS = Path(__file__).resolve().parents[3] / "ops" / "prometheus"


@pytest.fixture(scope="module")
def promtool() -> Path:
    """The run's promtool, or a skip that says why there is none."""
    found = promtool_for_tests()
    run_report.PARTS["promtool"] = found.name
    if found.path is None:
        pytest.skip(found.name)
    return found.path


def run(promtool: Path, *arguments: str) -> None:
    done = subprocess.run([promtool, *arguments], cwd=OPS, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.promtool
def test_the_rules_are_rules(promtool: Path) -> None:
    run(promtool, "check", "rules", "rules.yaml")


@pytest.mark.promtool
def test_prometheus_can_read_its_settings(promtool: Path) -> None:
    run(promtool, "check", "config", "prometheus.yml")


@pytest.mark.promtool
def test_each_alarm_is_raised_and_each_is_not(promtool: Path) -> None:
    run(promtool, "test", "rules", "rules.test.yaml")


@pytest.mark.promtool
def test_a_wrong_expectation_fails(promtool: Path, tmp_path: Path) -> None:
    """The runner runs: a test that expects another alarm is refused."""
    (tmp_path / "rules.yaml").write_text((OPS / "rules.yaml").read_text())
    wrong = (OPS / "rules.test.yaml").read_text().replace("kind: strategy_discussion,", "kind: another,")
    (tmp_path / "rules.test.yaml").write_text(wrong)
    command = [promtool, "test", "rules", "rules.test.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert done.returncode != 0


def test_no_alarm_is_without_both_tests() -> None:
    rules = yaml.safe_load((OPS / "rules.yaml").read_text())["groups"]
    alarms = [rule["alert"] for group in rules for rule in group["rules"]]
    raised: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    for test in yaml.safe_load((OPS / "rules.test.yaml").read_text())["tests"]:
        for one in test["alert_rule_test"]:
            (raised if one["exp_alerts"] else silent)[one["alertname"]] += 1
    assert sorted(raised) == sorted(silent) == sorted(alarms)
