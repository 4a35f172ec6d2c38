"""Firing under stress: a batch is a handful of statements, a kill loses nothing, a fired step says the same ids."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta

from sqlalchemy import event, text

from services.deadlines.application.commands import fire_due_clocks
from tests.integration.deadlines.conftest import Hub
from tests.support.builders_deadlines import NOON, Life
from tests.support.eventually import eventually

CLAIM_AND_WAIT = """
import asyncio, sys
from datetime import timedelta
from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.adapters.repositories import DeadlinesUnitOfWork
from services.deadlines.application.commands import fire_due_clocks
from shared.database.engine import make_engine
from shared.database.unit_of_work import Database
from shared.security.encryption import MasterKeys
from tests.support.builders_deadlines import POLICIES, southampton

async def main():
    masters = MasterKeys.from_setting(sys.argv[2])
    database = Database(engine=make_engine(sys.argv[1]), service="deadlines", master_keys=masters)
    async with DeadlinesUnitOfWork(database, Rulebooks(southampton(), POLICIES), fires_only=True) as work:
        claimed, _ = await fire_due_clocks(work, most=10)
        await work.contacts.flush()
        print(claimed, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def many_due(hub: Hub, count: int) -> None:
    await hub.it_is(NOON + timedelta(minutes=1))
    lives = [Life(f"due-{number}") for number in range(count)]
    for start in range(0, count, 200):
        batch = lives[start : start + 200]
        await hub.hear(*(made for life in batch for made in (life.received(), life.rated("red-abuse"), life.opened(2))))
    await hub.it_is(NOON + timedelta(minutes=360.5))


async def test_a_thousand_due_contacts_fire_in_a_handful_of_statements(hub: Hub) -> None:
    await many_due(hub, 1000)
    hub.deadlines.fire_batch = 1000
    statements: list[str] = []
    engine = hub.deadlines.platform.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert await hub.fire() == 1000
    assert len(statements) <= 12, statements
    assert (await hub.rows("SELECT count(*) AS n FROM breaches"))[0]["n"] == 1000
    assert await hub.fire() == 0


async def test_the_claim_reads_the_index_and_not_the_table(hub: Hub) -> None:
    await many_due(hub, 200)
    await hub.it_is(NOON)  # nothing is due: what matters is what looking costs
    async with hub.deadlines.platform.engine.begin() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = (
            await connection.execute(
                text(
                    "EXPLAIN (FORMAT TEXT) SELECT c.contact_id FROM contacts c JOIN contact_stream s USING (contact_id)"
                    " WHERE c.urgency = 3 AND c.next_fire_at <= mash_now() ORDER BY c.next_fire_at LIMIT 500"
                    " FOR UPDATE OF s SKIP LOCKED"
                )
            )
        ).scalars()
    assert "contacts_next_fire" in "\n".join(plan)


async def test_a_kill_between_claim_and_commit_loses_and_doubles_nothing(hub: Hub) -> None:
    await many_due(hub, 10)
    settings = hub.deadlines.platform.settings
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CLAIM_AND_WAIT,
        settings.database_url,
        settings.encryption_keys.reveal(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    assert await asyncio.wait_for(child.stdout.readline(), 60) == b"10\n"
    assert await hub.fire() == 0  # it holds them, and nobody waits for it
    os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    await eventually(hub.fire)  # the server notices the broken connection by itself
    assert len(await hub.rows("SELECT * FROM breaches")) == 10
    assert [name for name, _ in await hub.said()].count("DeadlineBreached") == 10


async def test_a_fired_step_says_the_same_ids_whoever_fires_it(hub: Hub) -> None:
    await many_due(hub, 1)
    ids: list[list[object]] = []
    for _ in range(2):
        async with hub.deadlines.firing_work() as work:
            await fire_due_clocks(work, most=10)
            ids.append([said.id for said in work._said])
    assert ids[0] == ids[1] != []


async def test_a_consumer_and_two_firing_loops_do_not_lock_each_other_out(hub: Hub) -> None:
    await many_due(hub, 30)
    lives = [Life(f"due-{number}") for number in range(30)]
    for life in lives:  # these were heard already: what follows takes the next sequence numbers
        _ = life.received(), life.rated("red-abuse"), life.opened(2)

    async def consume() -> None:
        for life in reversed(lives):
            await hub.hear(life.acknowledged(), life.discussed(minutes=300))

    async def fire() -> None:
        while await hub.rows("SELECT 1 FROM contacts WHERE next_fire_at <= mash_now()"):
            await hub.fire()

    async with asyncio.timeout(30):
        await asyncio.gather(consume(), fire(), fire())
    states = await hub.rows("SELECT state, reason FROM deadlines WHERE kind = 'strategy_discussion'")
    assert {row["state"] for row in states} == {"met"}
