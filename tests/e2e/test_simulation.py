"""A simulated month that breaks off goes on where it was, and does nothing twice."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mash import business_time
from mash.commands_simulate import hours_of
from mash.refusal import Refused
from mash.simulation.plan import Plan, Wishes, make_plan
from mash.simulation.playing.play import play
from tests.support.hub import Hub, running_hub

pytestmark = pytest.mark.timeout(600)
CONTACTS = 8


class Broken(Exception):
    """Somebody pulled the plug."""


async def played(hub: Hub, plan: Plan, *, until: int | None = None) -> list[str]:
    lines: list[str] = []
    done = 0

    def write(line: dict[str, Any]) -> None:
        lines.append(json.dumps(line))

    def on_act(count: int) -> None:
        nonlocal done
        done += count
        if until is not None and done >= until:
            raise Broken

    assert (await play(hub.settings, plan, write=write, on_act=on_act)).refused == []
    return lines


async def test_a_month_that_broke_off_goes_on_and_another_is_refused(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        plan, other = (
            make_plan(Wishes(contacts=CONTACTS, month=date(2026, 6, 1), seed=seed), hours_of(hub.settings))
            for seed in (1, 2)
        )
        with pytest.raises(Broken):
            await played(hub, plan, until=len(plan.acts) // 2)
        whole = await played(hub, plan)
        assert len(whole) == len(plan.acts) + 1
        contacts = {line["contact"] for line in map(json.loads, whole) if line["do"] == "tell"}
        kept = await hub.rows("intake", "SELECT reference, accepted_at FROM contacts")
        assert {row["reference"] for row in kept} == contacts
        assert sorted(row["accepted_at"] for row in kept) == [act.at for act in plan.acts if act.do.value == "tell"]
        with pytest.raises(Refused, match="from its beginning"):
            await played(hub, other)
        async with business_time.service_databases(hub.settings) as engines:
            now = await business_time.read(engines["deadlines"])
        assert now.speed == 1
        assert timedelta() <= now.at - plan.acts[-1].at < timedelta(minutes=10)
