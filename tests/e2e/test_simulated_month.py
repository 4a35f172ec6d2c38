"""A simulated month through the whole running hub: its measures are exactly those that an outsider counts."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mash.commands_simulate import hours_of
from mash.simulation.plan import Plan, Wishes, make_plan
from mash.simulation.playing.play import Played, play
from tests.support.counted import Measure, counted
from tests.support.hub import Hub, running_hub
from tests.support.sizes import contacts_of_a_month

MONTH, POPULATION, WHOLE = "2026-06", 50_000, 2000
pytestmark = pytest.mark.timeout(3600)


class Month:
    """A month that was played: its plan, the lines that an outsider has, the hub."""

    def __init__(self, hub: Hub, plan: Plan) -> None:
        self.hub = hub
        self.plan = plan
        self.lines: list[str] = []

    async def play(self) -> Played:
        def write(line: dict[str, Any]) -> None:
            self.lines.append(json.dumps(line))

        return await play(self.hub.settings, self.plan, write=write, on_act=lambda _: None)

    async def measures(self) -> dict[str, dict[str, Any]]:
        answer = await self.hub.http.get(
            f"{self.hub.url('deadlines')}/v1/measures/{MONTH}", headers=await self.hub.token("ops")
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["month"] == MONTH
        return {one["code"]: one for one in answer.json()["measures"]}


async def test_the_measures_of_a_simulated_month_are_those_that_an_outsider_counts(tmp_path: Path) -> None:
    population = {"MASH_POPULATION_0_17": str(POPULATION), "MASH_POPULATION_SOURCE": "made up for a test"}
    contacts = contacts_of_a_month()
    async with running_hub(tmp_path, **population) as hub:
        wishes = Wishes(contacts=contacts, month=date.fromisoformat(f"{MONTH}-01"), seed=1)
        month = Month(hub, make_plan(wishes, hours_of(hub.settings)))
        played = await month.play()
        assert played.refused == []
        expected = counted(month.lines, MONTH, population=POPULATION)
        assert expected["M1-C"].value == contacts
        few = contacts < WHOLE  # one child of sixty is nearly two in a hundred
        assert expected["M3"].value == pytest.approx(Decimal(16), abs=Decimal(8 if few else 1))
        assert expected["M8-QL-1WD"].value == pytest.approx(Decimal(99), abs=Decimal(4) if few else Decimal("0.5"))
        assert await _in_force(hub) == _decided(month.lines)
        said = await month.measures()
        assert {code: _said(one) for code, one in said.items()} == {
            code: _counted(one) for code, one in expected.items()
        }


def _said(one: dict[str, Any]) -> tuple[Decimal | None, int, int | None]:
    value = None if one["value"] is None else Decimal(str(one["value"]))
    return value, one["numerator"], one["denominator"]


def _counted(one: Measure) -> tuple[Decimal | None, int, int | None]:
    return one.value, one.numerator, one.denominator


async def _in_force(hub: Hub) -> int:
    """Decisions that ever came into force, by triage; those that a duplicate took over are not counted."""
    sql = "SELECT count(*) AS n FROM decisions WHERE made_on IS NULL AND state IN ('effective', 'revised')"
    return (await hub.rows("triage", sql))[0]["n"]


def _decided(lines: list[str]) -> int:
    said = map(json.loads, lines)
    return sum(line["do"] in ("decision", "authorisation") and line["in_force"] for line in said)
