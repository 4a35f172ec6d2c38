"""What will be missed next: in the order it will be missed, with how much time is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tests.integration.deadlines.conftest import Hub, Staff
from tests.support.builders_deadlines import Life


async def the_next(staff: Staff, **asked: Any) -> list[dict[str, Any]]:
    answer = await staff.get("/v1/deadlines/next", **asked)
    assert answer.status_code == 200
    return answer.json()["deadlines"]


async def test_what_is_missed_first_stands_first_with_what_is_left_of_it(staff: Staff, hub: Hub) -> None:
    calm, urgent = Life("calm"), Life("urgent")
    await hub.it_is(calm.at(1))
    await hub.hear(calm.received(), calm.rated("amber"), calm.opened(1), calm.decided(outcome="s17_assessment"))
    await hub.hear(urgent.received(), urgent.rated("red-immediate"), urgent.opened(1))
    await hub.it_is(urgent.at(90))
    rows = await the_next(staff, role="ops")
    assert [row["due_at"] for row in rows] == sorted(row["due_at"] for row in rows)
    first = next(row for row in rows if row["kind"] == "priority_discussion")
    assert first == rows[0]
    assert (first["rating"], first["stage"]) == ("red", "opened")
    assert abs(first["seconds_left"] - 1800) < 5
    assert abs(first["share_gone"] - 0.75) < 0.001
    # Wednesday noon to 13:30 of the working time until Thursday 17:00: 1.5 of 5 + 8.5 hours
    working = next(row for row in rows if row["kind"] == "mash_decision" and row["contact_id"] == str(urgent.id))
    assert abs(working["share_gone"] - 1.5 / 13.5) < 0.001
    states = await hub.rows("SELECT id, state, watched FROM deadlines")
    shown = {UUID(row["id"]) for row in rows}
    assert shown == {row["id"] for row in states if row["state"] == "running" and row["watched"]}
    assert any(row["state"] == "not_watched" for row in states), "the example has none that is left out"


async def test_it_is_filtered_paged_and_audited(staff: Staff, hub: Hub) -> None:
    life = Life("one")
    await hub.it_is(life.at(1))
    await hub.hear(life.received(), life.rated("red-abuse"))
    whole = await the_next(staff)
    assert {row["kind"] for row in await the_next(staff, kind="strategy_discussion")} == {"strategy_discussion"}
    assert await the_next(staff, rating="green") == await the_next(staff, owner="nobody") == []
    assert await the_next(staff, agency="police") == []
    answer = await staff.get("/v1/deadlines/next", limit=1)
    address = answer.headers["link"].split(">")[0].removeprefix("<")
    assert (await staff.get(address)).json()["deadlines"][0]["id"] == whole[1]["id"]
    assert datetime.fromisoformat(answer.json()["now"]) >= life.at(1)
    audited = await hub.rows("SELECT DISTINCT action, contact_ids FROM audit WHERE contact_ids <> '{}'")
    assert [(row["action"], row["contact_ids"]) for row in audited] == [("deadlines.next", [life.id])]
