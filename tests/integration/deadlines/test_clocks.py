"""Clocks on a real database: set, met, breached once, caught up after downtime, computed again, forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.integration.deadlines.conftest import Hub
from tests.support.builders_deadlines import NOON, Life


async def test_a_red_contacts_clocks_are_set_met_and_said(hub: Hub) -> None:
    life = Life("red")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-abuse"))
    assert await hub.states() == {
        "acknowledgement": "running",
        "referrer_told": "running",
        "mash_decision": "running",
        "opened_by_duty": "running",
        "opened_by_manager": "running",
        "strategy_discussion": "running",
    }
    await hub.hear(life.acknowledged(), life.opened(), life.discussed(), life.decided(), life.informed())
    assert set((await hub.states()).values()) == {"met", "not_watched"}
    said = await hub.said()
    assert [name for name, _ in said].count("DeadlineMet") == 6
    assert all(data["in_time"] for name, data in said if name == "DeadlineMet")
    by_kind = {data["clock"]["kind"]: data["clock"] for name, data in said if name == "DeadlineSet"}
    assert by_kind["strategy_discussion"]["due_at"] == life.at(360).isoformat().replace("+00:00", "Z")
    assert by_kind["opened_by_duty"]["pages"]
    row = (await hub.rows("SELECT * FROM contacts"))[0]
    assert (row["stage"], row["live_clocks"], row["next_fire_at"], row["next_due_at"]) == ("informed", 0, None, None)


async def test_a_missed_clock_is_breached_once_by_three_loops(hub: Hub) -> None:
    lives = [Life(f"red-{number}") for number in range(40)]
    await hub.it_is(NOON + timedelta(minutes=1))
    for life in lives:
        await hub.hear(life.received(), life.rated("red-abuse"), life.opened(5))
    await hub.it_is(NOON + timedelta(minutes=361))
    hub.deadlines.fire_batch = 7

    async def loop() -> None:
        due = "SELECT 1 FROM contacts WHERE next_fire_at <= mash_now()"
        while await hub.fire() or await hub.rows(due):
            pass

    await asyncio.gather(loop(), loop(), loop())
    breaches = await hub.rows("SELECT kind, late_seconds, stage, organisation_id FROM breaches")
    assert len(breaches) == 40
    assert {row["kind"] for row in breaches} == {"strategy_discussion"}
    assert all(59 < row["late_seconds"] < 90 for row in breaches)
    assert {row["stage"] for row in breaches} == {"opened"}
    said = [name for name, _ in await hub.said()]
    assert said.count("DeadlineBreached") == 40
    assert said.count("DeadlineApproaching") == 40 * 3  # 50 %, 80 % and the due time itself


async def test_after_downtime_each_missed_step_fires_once_the_most_urgent_first(hub: Hub) -> None:
    amber, red = Life("amber"), Life("red")
    await hub.it_is(NOON + timedelta(minutes=1))
    await hub.hear(amber.received(), amber.rated("amber"))
    await hub.hear(red.received(), red.rated("red-immediate"))
    before = len(await hub.said())
    await hub.it_is(NOON + timedelta(hours=50))
    while await hub.fire():
        pass
    fired = (await hub.said())[before:]
    assert fired[0][1]["reference"] == "MASH-red"
    steps = [(name, data["clock"]["deadline_id"], data.get("step")) for name, data in fired]
    assert len(set(steps)) == len(steps)
    names_of_red = [name for name, data in fired if data["reference"] == "MASH-red"]
    assert names_of_red == sorted(names_of_red, key=lambda name: name != "DeadlineBreached")
    assert all(data["late_seconds"] > 3600 for name, data in fired if name == "DeadlineBreached")
    found = await hub.rows("SELECT DISTINCT reason FROM deadlines WHERE state = 'breached'")
    assert [row["reason"] for row in found] == ["breach_found_after_downtime"]
    assert await hub.fire() == 0


async def test_met_after_breach_keeps_the_breach(hub: Hub) -> None:
    life = Life("late")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-immediate"))
    await hub.it_is(life.at(121))
    await hub.fire()
    await hub.hear(life.discussed("priority", 124, who="childrens_services"))
    row = (await hub.rows("SELECT * FROM deadlines WHERE kind = 'priority_discussion'"))[0]
    assert row["state"] == "breached"
    await hub.hear(life.discussed("priority", 125))
    row = (await hub.rows("SELECT * FROM deadlines WHERE kind = 'priority_discussion'"))[0]
    assert (row["state"], row["breached_at"], row["reason"]) == ("met", life.at(120), "met_after_breach")
    assert len(await hub.rows("SELECT * FROM breaches WHERE kind = 'priority_discussion'")) == 1
    met = [data for name, data in await hub.said() if name == "DeadlineMet"]
    assert not met[-1]["in_time"]


async def test_rating_again_computes_from_receipt_and_keeps_history(hub: Hub) -> None:
    life = Life("again")
    await hub.it_is(life.at(200))
    await hub.hear(life.received(), life.rated("amber"))
    await hub.hear(life.rated("red-abuse", version=2, minutes=200))
    rows = {row["kind"]: row for row in await hub.rows("SELECT * FROM deadlines")}
    assert (rows["amber_decision"]["state"], rows["amber_decision"]["reason"]) == ("cancelled", "rerated")
    assert rows["strategy_discussion"]["due_at"] == life.at(360)
    assert rows["mash_decision"]["rating"] == "red"
    await hub.it_is(life.at(361))
    await hub.fire()
    await hub.hear(life.rated("amber", version=3, minutes=400))
    rows = {row["kind"]: row for row in await hub.rows("SELECT * FROM deadlines")}
    assert (rows["strategy_discussion"]["state"], rows["strategy_discussion"]["breached_at"]) == (
        "cancelled",
        life.at(360),
    )
    assert (rows["amber_decision"]["state"], rows["amber_decision"]["epoch"]) == ("running", 2)


async def test_a_forgotten_contact_leaves_only_its_ledger_entries(hub: Hub) -> None:
    life = Life("erased")
    received = life.received()
    await hub.it_is(life.at(1))
    await hub.hear(received, life.rated("red-immediate"))
    await hub.it_is(life.at(121))
    await hub.fire()
    await hub.hear(life.erased())
    await hub.hear(life.opened(), received)
    for table in ("contacts", "deadlines", "occurrences", "contact_keys", "event_log"):
        assert await hub.rows(f"SELECT * FROM {table}") == [], table
    assert len(await hub.rows("SELECT * FROM breaches")) > 0
    assert await hub.fire() == 0
