"""The ledger: what was missed and why, as staff say it; added to, never changed, and forgotten where it must be."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_deadlines import NOON, Life

PERMISSION_DENIED = "42501"
WORDS = "The night desk was not staffed."


@pytest.fixture
async def breached(hub: Hub) -> Life:
    """A red contact whose strategy discussion was not held in time."""
    life = Life("late", late_minutes=20)
    await hub.it_is(life.at(21))
    await hub.hear(life.received(), life.rated("red-abuse"), life.opened(21), life.acknowledged(22))
    await hub.it_is(life.at(365))
    await hub.fire()
    return life


async def the_breach(staff: Staff, **asked: Any) -> dict[str, Any]:
    rows = (await staff.get("/v1/breaches", kind="strategy_discussion", **asked)).json()["breaches"]
    assert len(rows) == 1
    return rows[0]


async def explain(staff: Staff, breach_id: str, *, role: str = "practitioner", **body: Any) -> Any:
    return await staff.post(f"/v1/breaches/{breach_id}/explanation", role=role, body=body)


async def test_explanations_are_added_and_the_breach_stays(staff: Staff, hub: Hub, breached: Life) -> None:
    found = await the_breach(staff)
    assert (found["explanations"], found["excused"]) == ([], None)
    first = await explain(staff, found["id"], cause="waiting_for_agency", note=WORDS)
    assert (first.status_code, first.json()["excused"], first.json()["note"]) == (201, None, None)
    await hub.it_is(breached.at(400))
    second = await explain(staff, found["id"], role="manager", cause="staffing", excused=True)
    await hub.it_is(breached.at(410))
    await explain(staff, found["id"], cause="oversight")  # says nothing about the excuse, and so leaves it
    now = await the_breach(staff)
    assert [one["cause"] for one in now["explanations"]] == ["oversight", "staffing", "waiting_for_agency"]
    assert now["excused"] is True
    assert {name: now[name] for name in ("id", "due_at", "late_before_arrival_minutes", "stage", "state")} == {
        "id": found["id"],
        "due_at": found["due_at"],
        "late_before_arrival_minutes": 20,
        "stage": "opened",
        "state": "breached",
    }
    assert second.json()["explained_by"] == "somebody"
    audited = await hub.rows("SELECT outcome, contact_ids FROM audit WHERE action = 'breach.explain'")
    assert [(row["outcome"], row["contact_ids"]) for row in audited] == [("done", [breached.id])] * 3


@pytest.mark.usefixtures("breached")
async def test_the_same_request_twice_is_one_explanation(staff: Staff) -> None:
    found = await the_breach(staff)
    path, body = f"/v1/breaches/{found['id']}/explanation", {"cause": "demand"}
    once, again = [await staff.post(path, body=body, key="the-same") for _ in range(2)]
    assert once.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len((await the_breach(staff))["explanations"]) == 1


@pytest.mark.parametrize(
    ("role", "body", "refusal"),
    [
        ("practitioner", {"cause": "demand", "excused": True}, (403, "only_a_manager")),
        ("practitioner", {"cause": "demand", "excused": False}, (403, "only_a_manager")),
        ("manager", {"cause": "other"}, (422, "words_needed")),
        ("manager", {"cause": "the dog ate it"}, (422, "not_valid")),
        ("manager", {"cause": "demand", "note": ""}, (422, "not_valid")),
        ("ops", {"cause": "demand"}, (403, "not_allowed")),
    ],
)
@pytest.mark.usefixtures("breached")
async def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    staff: Staff, hub: Hub, role: str, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    found = await the_breach(staff)
    answer = await explain(staff, found["id"], role=role, **body)
    assert (answer.status_code, answer.json()["code"]) == refusal
    assert "the dog" not in answer.text
    assert await hub.rows("SELECT 1 FROM explanations") == []


async def test_a_breach_that_is_not_there_is_refused_and_written_down(staff: Staff, hub: Hub) -> None:
    absent = uuid4()
    assert (await explain(staff, str(absent), cause="demand")).status_code == 404
    audited = await hub.rows("SELECT outcome, contact_ids FROM audit")
    assert [(row["outcome"], row["contact_ids"]) for row in audited] == [("refused", [absent])]


@pytest.mark.usefixtures("breached")
async def test_words_are_for_those_who_work_the_case(staff: Staff, hub: Hub) -> None:
    found = await the_breach(staff)
    await explain(staff, found["id"], cause="other", note=WORDS)
    assert (await the_breach(staff, role="manager"))["explanations"][0]["note"] == WORDS
    assert (await the_breach(staff, role="ops"))["explanations"][0]["note"] is None
    kept = await hub.rows("SELECT note FROM explanations")
    assert WORDS.encode() not in bytes(kept[0]["note"])


async def test_erasure_takes_the_words_and_leaves_the_ledger(staff: Staff, hub: Hub, breached: Life) -> None:
    found = await the_breach(staff)
    await explain(staff, found["id"], cause="other", note=WORDS)
    await hub.hear(breached.erased(500))
    after = await the_breach(staff, role="manager")
    assert (after["reference"], after["state"], after["minutes_over"]) == (None, None, None)
    assert [(one["cause"], one["note"]) for one in after["explanations"]] == [("other", None)]
    assert (await explain(staff, found["id"], cause="demand", note=WORDS)).json()["code"] == "contact_erased"
    assert (await explain(staff, found["id"], cause="demand")).status_code == 201
    assert await hub.rows("SELECT 1 FROM contact_keys") == [], "a key was made for somebody who is forgotten"


@pytest.mark.parametrize("table", ["breaches", "explanations"])
@pytest.mark.usefixtures("breached")
async def test_the_services_own_role_may_add_and_read_and_nothing_else(staff: Staff, hub: Hub, table: str) -> None:
    await explain(staff, (await the_breach(staff))["id"], cause="demand")
    column = {"breaches": "stage", "explanations": "cause"}[table]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError) as refused:
            async with hub.deadlines.platform.engine.begin() as connection:
                await connection.execute(text(statement))
        assert getattr(refused.value.orig, "sqlstate", None) == PERMISSION_DENIED, statement


@pytest.mark.usefixtures("breached")
async def test_the_ledger_is_filtered(staff: Staff, hub: Hub) -> None:
    other = Life("other", received_at=NOON + timedelta(minutes=30))
    await hub.hear(other.received(), other.rated("red-immediate"), other.opened(1), other.acknowledged(1))
    await hub.fire()
    whole = (await staff.get("/v1/breaches")).json()["breaches"]
    late = next(row for row in whole if row["kind"] == "strategy_discussion")
    await explain(staff, late["id"], role="manager", cause="demand", excused=True)
    whole = (await staff.get("/v1/breaches")).json()["breaches"]
    first, last = min(row["due_at"] for row in whole), max(row["due_at"] for row in whole)

    async def ids(**asked: Any) -> list[str]:
        return [row["id"] for row in (await staff.get("/v1/breaches", **asked)).json()["breaches"]]

    everything = [row["id"] for row in whole]
    assert len(everything) >= 3
    assert await ids(kind="strategy_discussion") == [late["id"]]
    assert await ids(rating="red") == everything
    assert await ids(rating="green") == await ids(owner="nobody") == await ids(agency="police") == []
    assert await ids(organisation_id="school-1") == everything
    assert await ids(explained=True) == await ids(excused=True) == [late["id"]]
    assert await ids(explained=False) == await ids(excused=False) == [one for one in everything if one != late["id"]]
    earlier = [row["id"] for row in whole if row["due_at"] < last]
    assert await ids(**{"from": first, "to": last}) == earlier
    assert len(earlier) < len(everything)
    assert (await staff.get("/v1/breaches", explained="perhaps")).status_code == 422


@pytest.mark.usefixtures("breached")
async def test_the_ledger_as_csv_is_the_ledger(staff: Staff) -> None:
    found = await the_breach(staff)
    await explain(staff, found["id"], role="manager", cause="other", excused=False, note=WORDS)
    answer = await staff.get("/v1/breaches", format="csv", limit=1)
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'rel="next"' in answer.headers["link"]
    assert WORDS not in answer.text
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((await staff.get("/v1/breaches?format=csv")).text))}
    assert rows.keys() == {row["id"] for row in (await staff.get("/v1/breaches")).json()["breaches"]}
    row = rows[found["id"]]
    assert (row["cause"], row["excused"], row["explanations"], row["minutes_over"]) == ("other", "no", "1", "5")
    assert (row["late_before_arrival_minutes"], row["agency"]) == ("20", "")


async def test_a_cell_is_never_a_formula(hub: Hub, staff: Staff) -> None:
    life = Life("=HYPERLINK(1)")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-abuse"))
    await hub.it_is(life.at(400))
    await hub.fire()
    async with hub.deadlines.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE contacts SET reference = '=HYPERLINK(1)'"))
    rows = list(csv.DictReader(io.StringIO((await staff.get("/v1/breaches", format="csv")).text)))
    assert {row["reference"] for row in rows} == {"'=HYPERLINK(1)"}
