"""The REST API: clocks, the ledger, what would be due, what is stuck; audited and for staff only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.deadlines.entrypoints.worker import watch
from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_deadlines import NOON, Life


@pytest.fixture
async def breached(hub: Hub) -> Life:
    """A red contact with two children, whose priority discussion was not held in time."""
    life = Life("red", subjects=2, late_minutes=20)
    await hub.it_is(life.at(21))
    await hub.hear(life.received(), life.rated("red-immediate", "amber"), life.opened(21))
    await hub.it_is(life.at(150))
    await hub.fire()
    return life


async def test_clocks_come_in_the_order_they_are_due_page_by_page(staff: Staff, breached: Life) -> None:
    whole = (await staff.get("/v1/deadlines")).json()["deadlines"]
    assert [row["due_at"] for row in whole] == sorted(row["due_at"] for row in whole)
    assert {row["contact_id"] for row in whole} == {str(breached.id)}
    found: list[Any] = []
    answer = await staff.get("/v1/deadlines", limit=3)
    while True:
        found += answer.json()["deadlines"]
        if "link" not in answer.headers:
            break
        address = answer.headers["link"].split(">")[0].removeprefix("<")
        answer = await staff.get(address)
    assert [row["id"] for row in found] == [row["id"] for row in whole]


async def test_clocks_are_filtered(staff: Staff, breached: Life) -> None:
    rows = (await staff.get("/v1/deadlines", state="breached", rating="red")).json()["deadlines"]
    assert [(row["kind"], row["subject_id"]) for row in rows] == [("priority_discussion", str(breached.subject(1)))]
    assert rows[0]["steps"][0]["fired"]
    assert (await staff.get("/v1/deadlines", state="breached", kind="mash_decision")).json()["deadlines"] == []
    soon = (await staff.get("/v1/deadlines", due_before=breached.at(121).isoformat())).json()["deadlines"]
    assert {row["kind"] for row in soon} == {"priority_discussion", "opened_by_duty", "opened_by_manager"}
    assert (await staff.get("/v1/deadlines", state="late")).status_code == 422
    assert (await staff.get("/v1/deadlines", cursor="x")).status_code == 400


async def test_one_contacts_clocks_are_audited_and_so_is_the_refusal(staff: Staff, hub: Hub, breached: Life) -> None:
    answer = await staff.get(f"/v1/contacts/{breached.id}/deadlines", role="ops")
    assert {row["contact_id"] for row in answer.json()["deadlines"]} == {str(breached.id)}
    unknown = uuid4()
    assert (await staff.get(f"/v1/contacts/{unknown}/deadlines")).status_code == 404
    audited = await hub.rows("SELECT action, outcome, contact_ids FROM audit ORDER BY occurred_at, outcome DESC")
    assert [(row["action"], row["outcome"], row["contact_ids"]) for row in audited] == [
        ("deadlines.read", "shown", [breached.id]),
        ("deadlines.read", "refused", [unknown]),
    ]


async def test_the_ledger_says_what_was_missed_and_what_was_late_before_it_came(
    staff: Staff, hub: Hub, breached: Life
) -> None:
    rows = {row["kind"]: row for row in (await staff.get("/v1/breaches", role="manager")).json()["breaches"]}
    entry = rows["priority_discussion"]
    assert (entry["minutes_over"], entry["late_before_arrival_minutes"], entry["stage"]) == (30, 20, "opened")
    assert entry["organisation_id"] == "school-1"
    await hub.hear(breached.discussed("priority", 135))
    again = {row["kind"]: row for row in (await staff.get("/v1/breaches")).json()["breaches"]}
    assert (again["priority_discussion"]["minutes_over"], again["priority_discussion"]["state"]) == (15, "met")


async def test_what_would_be_due(staff: Staff) -> None:
    answer = await staff.get("/v1/deadlines/preview", route="red-abuse", received_at="2026-12-24T18:00:00Z")
    due = {row["kind"]: row["due_at"] for row in answer.json()["deadlines"]}
    assert due["strategy_discussion"] == "2026-12-25T00:00:00Z"  # red does not wait for the morning
    assert due["mash_decision"] == "2026-12-29T17:00:00Z"  # the 28th is a substitute bank holiday
    assert [*due] == [row["kind"] for row in sorted(answer.json()["deadlines"], key=lambda row: row["due_at"])]
    wrong = await staff.get("/v1/deadlines/preview", route="blue", received_at="2026-12-24T18:00:00Z")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "unknown_route")
    late = await staff.get("/v1/deadlines/preview", route="amber", received_at="2028-12-31T18:00:00Z")
    assert (late.status_code, late.json()["errors"][0]["code"]) == (422, "calendar_ends")
    naive = await staff.get("/v1/deadlines/preview", route="amber", received_at="2026-12-24T18:00:00")
    assert naive.status_code == 422


async def test_the_watchdog_counts_children(staff: Staff, hub: Hub) -> None:
    unrated, uninformed, told = Life("unrated", subjects=3), Life("uninformed", subjects=2), Life("told")
    await hub.it_is(NOON)
    await hub.hear(unrated.received(), uninformed.received(), told.received())
    await hub.hear(uninformed.rated("amber", "amber"), told.rated("amber"))
    await hub.hear(uninformed.decided(1, left=1), uninformed.decided(2), told.decided(), told.informed())
    quiet = (await staff.get("/v1/watchdog", role="ops")).json()
    assert {row["what"]: row["children"] for row in quiet["stuck"]} == {
        "without_clock": 0,
        "not_rated": 0,
        "not_informed": 0,
    }
    await hub.it_is(NOON + timedelta(hours=3))
    rows = {row["what"]: row for row in (await staff.get("/v1/watchdog")).json()["stuck"]}
    assert {what: (row["contacts"], row["children"]) for what, row in rows.items()} == {
        "without_clock": (0, 0),
        "not_rated": (1, 3),
        "not_informed": (1, 2),
    }
    assert rows["not_informed"]["listed"][0]["contact_id"] == str(uninformed.id)
    await watch(hub.deadlines)
    metrics = hub.deadlines.platform.metrics.exposition().decode()
    assert 'mash_stuck_children{what="not_rated"} 3.0' in metrics


async def test_a_contact_without_a_clock_is_found(staff: Staff, hub: Hub) -> None:
    life = Life("told first")
    await hub.it_is(NOON)
    await hub.hear(life.acknowledged())  # nothing else has been heard of it
    await hub.it_is(NOON + timedelta(minutes=5))
    rows = {row["what"]: row for row in (await staff.get("/v1/watchdog")).json()["stuck"]}
    assert rows["without_clock"]["listed"][0]["reference"] == "MASH-told first"


@pytest.mark.parametrize("path", ["/v1/deadlines", f"/v1/contacts/{uuid4()}/deadlines", "/v1/breaches", "/v1/watchdog"])
async def test_partners_have_no_business_here(staff: Staff, path: str) -> None:
    assert (await staff.get(path, role="partner")).status_code == 403
    assert (await staff.get(path, role="admin")).status_code == 403
