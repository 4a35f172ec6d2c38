"""`mash policy`: prove a pack, compare two, replay what triage keeps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from mash.cli import app
from services.triage.bootstrap import open_triage
from services.triage.entrypoints.worker import HANDLERS, WHEN_PARKED
from services.triage.settings import TriageSettings
from shared.contracts.envelope import Event, EventData
from shared.messaging.apply import Applier
from shared.settings import Environment
from tests.support.builders_triage import RED, kept, received, told
from tests.support.commands import Mash
from tests.support.deliveries import delivered
from tests.support.packs import OLD, PACK, with_second_version

ABUSE_IS_AMBER = ("rules-1-red.yaml", "    route: red-abuse\n    outcome: s47_strategy_discussion", "    route: amber")


@pytest.fixture
def second(tmp_path: Path) -> str:
    """The folder of a version in which suspected abuse is amber."""
    return str(with_second_version(tmp_path, ABUSE_IS_AMBER) / PACK / "2")


def policy(*arguments: str, code: int = 0) -> str:
    """A command that needs no running system."""
    answer = CliRunner().invoke(app, ["policy", *arguments])
    assert answer.exit_code == code, answer.output + repr(answer.exception)
    return answer.output


def test_a_sound_pack_is_proven(second: str) -> None:
    assert "golden cases hold" in policy("validate", OLD)
    assert json.loads(policy("validate", second, "--json"))["faults"] == []


def test_every_fault_is_named_by_file_line_and_field(second: str) -> None:
    ratings, rules = Path(second) / "ratings.yaml", Path(second) / "rules-1-red.yaml"
    ratings.write_text(ratings.read_text().replace("outcome: signpost", "outcome: shrug"))
    rules.write_text(rules.read_text().replace("{yes: immediate_danger}", "{yes: immediate_dangr}"))
    said = policy("validate", second, code=1).splitlines()
    assert any(
        line.startswith("ratings.yaml:") and "routes[0].outcome: no outcome is called shrug" in line for line in said
    )
    assert any(line.startswith("rules-1-red.yaml:5: rules[0].when.yes: ") for line in said)


def test_a_golden_case_that_fails_is_a_fault(second: str) -> None:
    golden = Path(second) / "golden.yaml"
    golden.write_text(golden.read_text().replace("rating: red", "rating: amber"))
    [fault] = json.loads(policy("validate", second, "--json", code=1))["faults"]
    assert fault["field"] == "immediate danger: rating"
    assert "agreed amber, found red" in fault["problem"]


def test_two_versions_are_compared(second: str) -> None:
    assert "rules: R-RED-ABUSE changed\n  route: red-abuse -> amber" in policy("diff", OLD, second)
    changes = json.loads(policy("diff", OLD, second, "--json"))["changes"]
    assert {"section": "rules", "code": "R-RED-ABUSE", "what": "changed"}.items() <= changes[0].items()
    assert policy("diff", OLD, OLD).strip() == "nothing differs"


def hear(settings: dict[str, str], *events: Event[EventData]) -> None:
    """Triage hears these, as from the bus."""

    async def work() -> None:
        async with open_triage(TriageSettings.read(Environment(settings))) as triage:
            applier = Applier(service="triage", open_work=triage.work, handlers=HANDLERS, when_parked=WHEN_PARKED)
            await applier.process([delivered(event) for event in events])

    asyncio.run(work())


def a_contact(reference: str, at: datetime, *facts: Mapping[str, str]) -> Event[EventData]:
    contact = uuid4()
    subjects = [told(contact, position, facts=one) for position, one in enumerate(facts, start=1)]
    return received(contact, *subjects, contact=kept(reference=reference, at=at))


def test_kept_facts_are_replayed(mash: Mash, settings: dict[str, str], second: str) -> None:
    summer_night, next_day = datetime(2026, 7, 1, 22, 30, tzinfo=UTC), datetime(2026, 7, 2, 8, tzinfo=UTC)
    hear(settings, a_contact("MASH-A", summer_night, {}, RED), a_contact("MASH-B", next_day, {}))
    found = json.loads(mash("policy", "backtest", OLD, second, "--json").stdout)
    assert [(one["reference"], one["position"]) for one in found["downgrades"]] == [("MASH-A", 2)]
    assert found["workload"][23]["old"] == {"red": 1}
    assert found["workload"][23]["new"] == {"amber": 1}
    said = mash("policy", "backtest", OLD, second).stdout
    assert "2 contacts, 3 subjects: 1 would be lower, 0 higher" in said
    assert "MASH-A" in said
    later = json.loads(mash("policy", "backtest", OLD, second, "--since", "2026-07-02", "--json").stdout)
    assert (later["contacts"], later["downgrades"]) == (1, [])
