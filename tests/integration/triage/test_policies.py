"""Policy versions at triage's API: what is installed, and what another version would have said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import Response

from services.triage.bootstrap import Triage
from services.triage.settings import TriageSettings
from shared.service import CommonSettings, open_platform
from tests.integration.triage.conftest import Desk, Staff
from tests.support.builders_triage import RED, kept, received, told
from tests.support.deliveries import delivered
from tests.support.packs import NEW, OLD, PACK, with_second_version

ABUSE_IS_AMBER = ("rules-1-red.yaml", "    route: red-abuse\n    outcome: s47_strategy_discussion", "    route: amber")
BROKEN = ("rules-1-red.yaml", "{yes: immediate_danger}", "{yes: immediate_dangr}")


@pytest.fixture
async def desk(settings_for: Callable[[str], CommonSettings], tmp_path: Path) -> AsyncIterator[Desk]:
    """A triage process that has a second version of its pack installed, in which suspected abuse is amber."""
    policies = with_second_version(tmp_path, ABUSE_IS_AMBER)
    settings = replace(settings_for("triage"), policies_directory=policies)
    async with open_platform(settings) as platform:
        yield Desk(Triage(settings=TriageSettings(common=settings), platform=platform))


async def _backtest(staff: Staff, new: str = NEW, role: str = "manager", **body: Any) -> Response:
    path = f"/v1/policies/{new}/backtest"
    return await staff.client.post(path, headers=staff.headers("ann", role), json={"against": OLD, **body})


async def test_what_is_installed_is_listed_and_shown(staff: Staff) -> None:
    listed = (await staff.get("/v1/policies")).json()["policies"]
    found = {f"{one['id']}@{one['version']}": one["active"] for one in listed}
    assert found[OLD] is True
    assert found[NEW] is False
    assert (await staff.get(f"/v1/policies/{NEW}")).json()["version"] == "2"
    assert (await staff.get(f"/v1/policies/{PACK}")).json()["version"] == "1"
    for absent in (f"{PACK}@3", "..", "..@1", "calendars@1", "calendars"):
        assert (await staff.get(f"/v1/policies/{absent}")).status_code == 404


async def test_a_version_that_would_not_start_is_not_offered(staff: Staff, tmp_path: Path) -> None:
    rules = tmp_path / "policies" / PACK / "2" / "rules-1-red.yaml"
    rules.write_text(rules.read_text().replace(*BROKEN[1:]))
    assert NEW not in (await staff.get("/v1/policies")).text
    assert (await _backtest(staff)).status_code == 404


async def test_a_backtest_names_every_downgrade_and_who_looked(desk: Desk, staff: Staff) -> None:
    contact, calm = uuid4(), uuid4()
    event = received(contact, told(contact), told(contact, 2, facts=RED), contact=kept(reference="MASH-RED"))
    await desk.applier.process([delivered(event)])
    await desk.applier.process([delivered(received(calm, told(calm)))])
    answer = await _backtest(staff)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    [lower] = found["downgrades"]
    assert (lower["reference"], lower["position"]) == ("MASH-RED", 2)
    assert lower["lower"] == ["rating", "paging", "outcome"]
    assert (found["contacts"], found["subjects"], found["complete"]) == (2, 3, True)
    assert {"old": "red", "new": "amber", "subjects": 1} in found["ratings"]
    assert len(found["workload"]) == 24
    assert sum(count for hour in found["workload"] for count in hour["old"].values()) == 2
    [row] = await desk.rows("SELECT * FROM audit WHERE action = 'policy.backtest'")
    assert (row.role, list(row.contact_ids)) == ("manager", [contact])
    assert (await desk.rows("SELECT count(*) AS n FROM idempotency"))[0].n == 0


async def test_a_backtest_keeps_to_its_window_and_limit(desk: Desk, staff: Staff) -> None:
    for _ in range(3):
        contact = uuid4()
        await desk.applier.process([delivered(received(contact, told(contact)))])
    assert (await _backtest(staff, limit=2)).json()["contacts"] == 2
    assert (await _backtest(staff, limit=2)).json()["complete"] is False
    assert (await _backtest(staff, until="2001-01-01T00:00:00Z")).json()["contacts"] == 0
    assert (await _backtest(staff, since="2001-01-01T00:00:00Z")).json()["contacts"] == 3


async def test_what_cannot_be_compared_is_refused(desk: Desk, staff: Staff) -> None:
    assert (await _backtest(staff, role="practitioner")).status_code == 403
    assert (await _backtest(staff, "other@1")).status_code == 404
    assert (await _backtest(staff, against="other@1")).json()["errors"][0]["pointer"] == "/against"
    times = {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    assert (await _backtest(staff, **times)).status_code == 422
    async with desk.triage.backtesting:
        running = await _backtest(staff)
    assert (running.status_code, running.json()["code"]) == (409, "backtest_running")


async def test_facts_of_an_erased_contact_are_not_replayed(desk: Desk, staff: Staff, contact: UUID) -> None:
    async with desk.triage.work() as work:
        await work.lock([contact])
        await work.forget(contact)
        await work.commit()
    assert (await _backtest(staff)).json()["contacts"] == 0
