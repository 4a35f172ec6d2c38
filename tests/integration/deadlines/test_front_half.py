"""Checks, teams and links on a real database: who owns a breach, whom the watchdog leaves out, what a reload keeps."""

from __future__ import annotations

from datetime import timedelta

from services.deadlines.adapters import queries
from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_deadlines import NOON
from tests.support.builders_front_half import WorkedLife


async def test_a_missed_check_is_on_record_with_the_team_and_the_agency(hub: Hub, staff: Staff) -> None:
    life = WorkedLife("missed check")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-abuse"), life.opened(2))
    await hub.hear(life.assigned(3, "edt"), life.checked(5, rating="red", agency="health"))
    await hub.it_is(life.at(126))
    await hub.fire()
    [entry] = (await staff.get("/v1/breaches", role="ops")).json()["breaches"]
    assert (entry["kind"], entry["owner"], entry["agency"]) == ("check_answer_red", "edt", "health")
    await hub.hear(life.assigned(130), life.check_answered(131, agency="health"))
    [clock] = (await staff.get("/v1/deadlines", kind="check_answer_red")).json()["deadlines"]
    assert (clock["state"], clock["agency"], clock["item_id"]) == ("met", "health", str(life.item("check")))
    assert clock["owner"] == "mash"
    [after] = (await staff.get("/v1/breaches", role="ops")).json()["breaches"]
    assert (after["owner"], after["state"]) == ("edt", "met")  # the ledger keeps whose it was then


async def test_a_duplicates_clocks_end_and_run_again_across_transactions(hub: Hub) -> None:
    life = WorkedLife("duplicate")
    await hub.it_is(life.at(1))
    for event in (life.received(), life.rated("amber"), life.acknowledged(), life.linked(10, "amber")):
        await hub.hear(event)
    assert (await hub.states())["amber_decision"] == "cancelled"
    await hub.hear(life.rated("red-abuse", version=2, minutes=20))
    assert (await hub.states())["strategy_discussion"] == "running"
    await hub.hear(life.linked(30, "red", version=2))
    await hub.hear(life.unlinked(40))
    states = await hub.states()
    assert (states["strategy_discussion"], states["mash_decision"]) == ("running", "running")
    said = [data for name, data in await hub.said() if name == "DeadlineCancelled"]
    ended = {(data["clock"]["kind"], data["reason_code"]) for data in said}
    assert ended >= {("amber_decision", "linked"), ("strategy_discussion", "linked"), ("mash_decision", "linked")}
    # Unlinked, it turns out to have run on until it was rated higher: it ends again, at that.
    assert [one for one in ended if one[1] != "linked"] == [("amber_decision", "rerated")]


async def test_the_watchdog_looks_past_a_duplicate_and_sees_it_again_unlinked(hub: Hub) -> None:
    life = WorkedLife("nobody waits")
    await hub.it_is(NOON)
    await hub.hear(life.received(), life.rated("amber"), life.acknowledged(), life.informed(), life.linked(10, "amber"))
    await hub.it_is(NOON + timedelta(hours=1))
    row = (await hub.rows("SELECT live_clocks, linked_at, closed_at FROM contacts"))[0]
    assert (row["live_clocks"], row["linked_at"], row["closed_at"]) == (0, life.at(10), None)
    assert await _without_clock(hub) == 0
    await hub.hear(life.unlinked(70))
    assert (await hub.rows("SELECT live_clocks FROM contacts"))[0]["live_clocks"] > 0


async def _without_clock(hub: Hub) -> int:
    async with hub.deadlines.platform.engine.connect() as connection:
        counted = {one.what: one.contacts for one in await queries.count_stuck(connection)}
    return counted["without_clock"]


async def test_a_reopened_contacts_clock_is_missed_and_met_like_any_other(hub: Hub) -> None:
    life = WorkedLife("reopened")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("amber"), life.decided(), life.informed(), life.closed(200))
    await hub.hear(life.reopened(300))
    row = (await hub.rows("SELECT stage, closed_at, decided_at FROM contacts"))[0]
    assert (row["stage"], row["closed_at"], row["decided_at"]) == ("opened", None, None)
    await hub.it_is(life.at(60 * 24 * 3))
    await hub.fire()
    await hub.hear(life.revised(outcome="early_help", minutes=60 * 24 * 3))
    clock = (await hub.rows("SELECT * FROM deadlines WHERE kind = 'decision_again'"))[0]
    assert (clock["state"], clock["reason"]) == ("met", "met_after_breach")


async def test_what_was_heard_of_links_and_checks_is_forgotten(hub: Hub) -> None:
    life = WorkedLife("erased")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("amber"), life.checked(5), life.challenged(6), life.linked(10, "amber"))
    await hub.hear(life.erased())
    for table in ("contacts", "deadlines", "occurrences"):
        assert await hub.rows(f"SELECT * FROM {table}") == [], table
