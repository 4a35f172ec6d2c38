"""What every worker does on the side: figures of what is behind, and forgetting what has had its time."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.messaging.housekeeping import keep_house
from tests.support.deliveries import delivered, event_of

from .listener import OPENED, Listener, opened


async def scrape(service: Listener) -> str:
    await keep_house(service.platform)
    return service.platform.metrics.exposition().decode()


async def test_the_figures_say_what_is_behind_and_when_it_no_longer_is(service: Listener) -> None:
    bad = event_of(OPENED, contact_id=uuid4(), sequence=1)
    service.poison.add(bad.id)
    await service.applier.process([delivered(bad), opened(uuid4(), 1)])
    figures = await scrape(service)
    assert 'mash_events_parked_now{topic="mash.triage.v1"} 1.0' in figures
    assert "mash_outbox_waiting 3.0" in figures
    async with service.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE parked SET settled_at = now(), state = 'dropped'"))
        await connection.execute(text("DELETE FROM outbox"))
    figures = await scrape(service)
    assert 'mash_events_parked_now{topic="mash.triage.v1"} 0.0' in figures
    assert "mash_outbox_waiting 0.0" in figures


@pytest.mark.parametrize(
    ("table", "column", "kept_days"),
    [("inbox", "received_at", 45), ("event_log", "created_at", 14), ("parked", "settled_at", 45),
     ("idempotency", "created_at", 30)],
)  # fmt: skip
async def test_what_has_had_its_time_is_forgotten(service: Listener, table: str, column: str, kept_days: int) -> None:
    bad = event_of(OPENED, contact_id=uuid4(), sequence=1)
    service.poison.add(bad.id)
    await service.applier.process([delivered(bad), opened(uuid4(), 1)])
    await service.rows("SELECT 1")
    async with service.platform.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO idempotency (id, caller, method, path, key, body_hmac)"
                " VALUES (gen_random_uuid(), 'c', 'POST', '/', 'k', '')"
            )
        )
        before = (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
        await connection.execute(text(f"UPDATE {table} SET {column} = now() - interval '{kept_days - 1} days'"))
    await keep_house(service.platform)
    assert await service.rows(f"SELECT count(*) FROM {table}") == [(before,)]
    async with service.platform.engine.begin() as connection:
        await connection.execute(text(f"UPDATE {table} SET {column} = now() - interval '{kept_days + 1} days'"))
    await keep_house(service.platform)
    assert await service.rows(f"SELECT count(*) FROM {table}") == [(0,)]


async def test_what_is_not_settled_and_not_published_is_never_forgotten(service: Listener) -> None:
    await service.applier.process([opened(uuid4(), 2), opened(uuid4(), 1)])
    async with service.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE parked SET parked_at = parked_at - interval '400 days'"))
        await connection.execute(text("UPDATE outbox SET created_at = created_at - interval '400 days'"))
    await keep_house(service.platform)
    assert await service.rows("SELECT count(*) FROM parked") == [(1,)]
    assert await service.rows("SELECT count(*) FROM outbox") == [(1,)]


async def test_an_event_missing_for_a_minute_is_alarmed_until_it_comes(service: Listener) -> None:
    contact = uuid4()
    first, second = (delivered(event_of(OPENED, contact_id=contact, sequence=n)) for n in (1, 2))
    await service.applier.process([second])
    assert 'what="gap"} 1.0' not in await scrape(service), "it may be on its way"
    async with service.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE parked SET parked_at = now() - interval '61 seconds'"))
    assert 'what="gap"} 1.0' in await scrape(service)
    await service.applier.process([first])
    assert 'what="gap"} 0.0' in await scrape(service)
