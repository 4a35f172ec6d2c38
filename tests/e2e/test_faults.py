"""Whatever breaks while contacts arrive: the same final state, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from mash.services import SERVICES
from services.intake.entrypoints.schemas.contact import EXAMPLE
from shared.messaging.outbox import republish
from tests.support.hub import Hub
from tests.support.kafka_process import KafkaSource
from tests.support.oracle import everything_once, signature

CONTACTS = 60
pytestmark = pytest.mark.timeout(400)


def contact(number: int) -> dict[str, Any]:
    """Contacts of several ratings and referrers."""
    kinds = ["involved_professional", "professional", "family", "public", "anonymous"]
    kind = kinds[number % len(kinds)]
    referrer = {**EXAMPLE["referrer"], "kind": kind}
    facts: list[dict[str, Any]] = [
        {"bruise_or_mark": "yes", "independently_mobile": "no"},
        {"immediate_danger": "yes"},
        {},
    ]
    subjects = [{**EXAMPLE["subjects"][0], "facts": facts[(number + at) % 3]} for at in range(1 + number % 3)]
    return {**EXAMPLE, "referrer": referrer, "subjects": subjects, "sender_reference": str(number)}


async def post_all(hub: Hub, *, pause: float = 0.05) -> list[dict[str, Any]]:
    """Posts the contacts, several at a time; returns what was acknowledged."""
    acknowledged: list[dict[str, Any]] = []

    async def sender(numbers: range) -> None:
        for number in numbers:
            acknowledged.append(await hub.tell(contact(number)))
            await asyncio.sleep(pause)

    await hub.token("partner")
    await asyncio.gather(*(sender(range(at, CONTACTS, 4)) for at in range(4)))
    return acknowledged


@asynccontextmanager
async def posting_goes_on(hub: Hub, *, pause: float) -> AsyncGenerator[asyncio.Task[list[dict[str, Any]]]]:
    """Posts while the block breaks things; not beyond the block, whatever fails in it."""
    task = asyncio.create_task(post_all(hub, pause=pause))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_workers_killed_in_the_middle(hub: Hub) -> None:
    chance = random.Random(7)
    names = [f"{service.name}-worker" for service in SERVICES]
    async with posting_goes_on(hub, pause=0.3) as posting:
        while not posting.done():
            hub.kill(chance.choice(names), chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
            await asyncio.sleep(1.5)
        acknowledged = await posting
    await hub.at_rest(within_seconds=120)
    await everything_once(hub, acknowledged)


async def test_intakes_api_killed_while_it_accepts(hub: Hub) -> None:
    async with posting_goes_on(hub, pause=0.3) as posting:
        for _ in range(3):
            await asyncio.sleep(1.5)
            hub.kill("intake-api")
        acknowledged = await posting
    assert len(acknowledged) == CONTACTS
    await hub.at_rest(within_seconds=120)
    await everything_once(hub, acknowledged)
    stored = await hub.rows("intake", "SELECT count(*) AS n FROM contacts")
    assert stored[0]["n"] == CONTACTS, "a retried request became a second contact"


async def test_postgresql_restarted(hub: Hub) -> None:
    async with posting_goes_on(hub, pause=0.3) as posting:
        for immediate in (True, False, True):
            await asyncio.sleep(1.5)
            hub.postgres.restart(immediate=immediate)  # from this thread: the server lives as long as it
        acknowledged = await posting
    await hub.at_rest(within_seconds=120)
    await everything_once(hub, acknowledged)


async def test_everything_said_twice_changes_nothing(hub: Hub) -> None:
    acknowledged = await post_all(hub, pause=0)
    await hub.at_rest()
    before = await signature(hub)
    for service in SERVICES:
        engine = create_async_engine(hub.settings[service.setting("DATABASE_URL")])
        async with engine.begin() as connection:
            for one in acknowledged:
                await republish(connection, UUID(one["id"]))
        await engine.dispose()
    await hub.at_rest()
    await everything_once(hub, acknowledged)
    assert await signature(hub) == before


async def test_workers_killed_and_not_killed_end_in_the_same_state(hub: Hub) -> None:
    """What a quiet run says of each rating and clock is what a disturbed one says."""
    quiet = await post_all(hub, pause=0)
    await hub.at_rest()
    async with posting_goes_on(hub, pause=0.2) as posting:
        while not posting.done():
            await asyncio.sleep(1)
            hub.kill("triage-worker")
            hub.kill("deadlines-worker")
        everything = quiet + await posting
    await hub.at_rest(within_seconds=120)
    await everything_once(hub, everything)
    shapes = await _shapes(hub)
    assert shapes[: len(shapes) // 2] == shapes[len(shapes) // 2 :]


async def _shapes(hub: Hub) -> list[Any]:
    """Each contact's ratings and clocks, ids left out, the quiet half first."""
    order = [
        row["contact_id"] for row in await hub.rows("intake", "SELECT contact_id FROM contacts ORDER BY accepted_at")
    ]
    ratings = "SELECT contact_id, standing ->> 'rating' AS rating, standing ->> 'routes' AS routes FROM subjects"
    rated = await hub.rows("triage", f"{ratings} ORDER BY position")
    clocks = await hub.rows("deadlines", "SELECT contact_id, kind, state FROM deadlines ORDER BY kind")
    by_contact = {
        contact_id: (
            tuple((row["rating"], row["routes"]) for row in rated if row["contact_id"] == contact_id),
            tuple(sorted((row["kind"], row["state"]) for row in clocks if row["contact_id"] == contact_id)),
        )
        for contact_id in order
    }
    half = len(order) // 2
    return sorted(by_contact[one] for one in order[:half]) + sorted(by_contact[one] for one in order[half:])


@pytest.mark.kafka
@pytest.mark.parametrize("hub", ["kafka"], indirect=True)
async def test_broker_away_for_a_minute(hub: Hub, kafka_source: KafkaSource) -> None:
    if kafka_source.local is None:
        pytest.skip("somebody else's broker is not ours to stop")
    broker = kafka_source.local
    async with posting_goes_on(hub, pause=0.5) as posting:
        await asyncio.sleep(2)
        broker.kill()
        acknowledged = await posting
    assert len(acknowledged) == CONTACTS, "intake must go on without the broker"
    await asyncio.sleep(60)
    broker.start()  # from this thread: the broker lives as long as it
    await hub.at_rest(within_seconds=150)
    await everything_once(hub, acknowledged)
