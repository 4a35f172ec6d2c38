"""The command `simulate`: what it refuses, and what it says at the end."""

from __future__ import annotations

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from mash.cli import app
from mash.commands_simulate import show
from mash.simulation.acts import Do
from mash.simulation.plan import Plan, Wishes
from mash.simulation.playing.play import Played

PLAN = Plan(wishes=Wishes(contacts=12, month=date(2026, 6, 1)), acts=())


def ended() -> Played:
    played = Played(steps=3, waits=1, ended_at="2026-07-06T17:00:00Z", refused=["closure of contact 4 refused: 409"])
    played.note(Do.TELL, 11)
    played.note(Do.TELL)
    return played


@pytest.mark.parametrize("month", ["2026-13", "June", "2026-6"])
def test_what_is_no_month_is_a_usage_error(month: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASH_DATABASE_URL", "postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert CliRunner().invoke(app, ["simulate", "--contacts", "5", "--month", month]).exit_code == 2


def test_a_machine_reads_what_was_wished_and_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    show(PLAN, ended(), as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["month"], said["contacts"], said["done"], said["steps"]) == ("2026-06", 12, {"tell": 12}, 3)


def test_a_person_is_told_what_was_refused(capsys: pytest.CaptureFixture[str]) -> None:
    show(PLAN, ended(), as_json=False)
    first, second = capsys.readouterr().out.splitlines()
    assert first == "12 contacts of June 2026 (seed 1): 12 acts, 1 refused; it is 2026-07-06T17:00:00Z"
    assert second == "  closure of contact 4 refused: 409"
