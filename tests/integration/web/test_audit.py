from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.clock import FixedClock
from shared.security.audit import ChainReport, audit, seal, verify_chain
from shared.security.jwks_store import DatabaseJwksStore
from shared.security.tokens import Caller

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALLER = Caller(subject="p-1", organisation=None, roles=frozenset({"practitioner", "ops"}), kind="staff")


async def write(connection: AsyncConnection, *, minutes: int = 0, contacts: int = 1) -> UUID:
    audit_id = uuid4()
    await audit(
        connection,
        audit_id=audit_id,
        caller=CALLER,
        action="case.read",
        contact_ids=[uuid4() for _ in range(contacts)],
        outcome="shown",
        correlation_id=uuid4(),
        now=NOW + timedelta(minutes=minutes),
    )
    return audit_id


async def sealed(engine: AsyncEngine, limit: int = 1000) -> int:
    async with engine.begin() as connection:
        return await seal(connection, now=NOW, limit=limit)


async def report(engine: AsyncEngine) -> ChainReport:
    async with engine.connect() as connection:
        return await verify_chain(connection, page=3)


async def test_rows_are_chained_and_the_chain_holds(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for minutes in range(8):
            await write(connection, minutes=minutes, contacts=minutes)
    assert await report(engine) == ChainReport(0, 8, None)
    assert [await sealed(engine, limit=5), await sealed(engine), await sealed(engine)] == [5, 3, 0]
    assert await report(engine) == ChainReport(8, 0, None)


async def test_a_row_that_commits_late_is_sealed_too(engine: AsyncEngine) -> None:
    async with engine.connect() as late:
        await write(late, minutes=-10)
        async with engine.begin() as connection:
            await write(connection)
        assert await sealed(engine) == 1
        await late.commit()
    assert await sealed(engine) == 1
    assert await report(engine) == ChainReport(2, 0, None)


async def test_two_sealers_at_once_make_one_chain(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for _ in range(20):
            await write(connection)
    assert sum(await asyncio.gather(*(sealed(engine, limit=15) for _ in range(3)))) == 20
    assert await report(engine) == ChainReport(20, 0, None)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit SET outcome = 'refused' WHERE id = (SELECT audit_id FROM audit_seal WHERE position = 3)",
        "DELETE FROM audit WHERE id = (SELECT audit_id FROM audit_seal WHERE position = 3)",
        "DELETE FROM audit_seal WHERE position = 3",
        "UPDATE audit_seal SET hash = decode('00', 'hex') WHERE position = 3",
    ],
)
async def test_whoever_changes_the_past_breaks_the_chain_there(engine: AsyncEngine, harm: str) -> None:
    async with engine.begin() as connection:
        for minutes in range(5):
            await write(connection, minutes=minutes)
    await sealed(engine)
    async with engine.begin() as connection:
        await connection.execute(text(harm))
    assert (await report(engine)).broken_at == 3


async def test_the_last_good_key_set_is_kept(engine: AsyncEngine) -> None:
    store = DatabaseJwksStore(engine, FixedClock(NOW))
    assert await store.load("https://login.example.org") is None
    for document in ("one", "two"):
        await store.save("https://login.example.org", document)
    assert await store.load("https://login.example.org") == "two"
