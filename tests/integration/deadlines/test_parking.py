"""What cannot be applied is parked, and the strictest clocks run meanwhile; an unknown policy makes us wait."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from shared.contracts.parts import PolicyVersion
from shared.database.faults import NotYet
from shared.messaging.bus import Delivered
from tests.integration.deadlines.conftest import Hub
from tests.support.builders_deadlines import NOON, Life, delivered


async def test_an_unreadable_rating_sets_the_strictest_clocks_until_it_is_replayed(hub: Hub) -> None:
    life = Life("parked")
    received, rated, opened = life.received(), life.rated("amber"), life.opened(3)
    await hub.it_is(life.at(2))
    [good] = delivered(rated)
    bad = Delivered(replace(good.record, value=b'{"contact": 1}'), 0, 7)
    await hub.take(*delivered(received), bad, *delivered(opened, first=8))
    parked = await hub.rows("SELECT state, reason FROM parked ORDER BY parked_at, state")
    assert {row["state"] for row in parked} == {"failed", "waiting"}
    running = await hub.rows("SELECT kind, rating FROM deadlines WHERE because = 'Parked' AND state = 'running'")
    assert {row["kind"] for row in running} == {"opened_by_duty", "opened_by_manager", "priority_discussion"}
    await hub.take(bad)
    assert len(await hub.rows("SELECT * FROM parked")) == 2
    async with hub.deadlines.platform.engine.begin() as connection:  # repaired by a person, then tried again
        await connection.execute(
            text("UPDATE parked SET value = :value, state = 'replay' WHERE state = 'failed'"),
            {"value": good.record.value},
        )
    await hub.applier.release_ready()
    assert {row["state"] for row in await hub.rows("SELECT state FROM parked")} == {"replayed"}
    states = await hub.states()
    assert states["amber_decision"] == "running"
    assert states["priority_discussion"] == "cancelled"


async def test_a_rating_by_a_policy_that_is_not_here_pauses_and_parks_nothing(hub: Hub) -> None:
    life = Life("unknown policy")
    rated = life.rated("amber")
    other = rated.data.model_copy(update={"policy": PolicyVersion(id="elsewhere", version="3", hash="0" * 64)})
    await hub.it_is(NOON)
    for policy in (other, rated.data.model_copy(update={"policy": rated.data.policy.model_copy(update={"hash": "0"})})):
        with pytest.raises(NotYet):
            await hub.take(*delivered(replace(rated, data=policy)))
    assert await hub.rows("SELECT * FROM parked") == []
    await hub.hear(rated)
    assert (await hub.states())["amber_decision"] == "running"


async def test_our_own_role_can_only_add_to_the_ledger(hub: Hub) -> None:
    for statement in ("UPDATE breaches SET kind = 'x'", "DELETE FROM breaches", "TRUNCATE breaches"):
        with pytest.raises(Exception, match="permission denied"):
            await hub.rows(statement)
    assert await hub.rows("SELECT * FROM breaches") == []
