"""A connection that the server has closed is not given out again: nobody is refused for it."""

from __future__ import annotations

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.postgres import EmbeddedPostgres
from shared.database.engine import make_engine

AT_ONCE = 4


async def _ask(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await asyncio.sleep(0.05)  # so that each has a connection of its own
        return pid


async def test_closed_by_the_server_and_replaced_before_anybody_sees_it(postgres_server: EmbeddedPostgres) -> None:
    for autocommit in (False, True):
        engine = make_engine(postgres_server.url("postgres"), pool_size=AT_ONCE, autocommit=autocommit)
        before = set(await asyncio.gather(*(_ask(engine) for _ in range(AT_ONCE))))
        assert len(before) == AT_ONCE
        for pid in before:
            postgres_server.sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        await asyncio.sleep(0.05)
        after = set(await asyncio.gather(*(_ask(engine) for _ in range(AT_ONCE))))
        assert len(after) == AT_ONCE
        assert before.isdisjoint(after)
        await engine.dispose()


async def test_a_living_one_is_used_again(postgres_server: EmbeddedPostgres) -> None:
    engine = make_engine(postgres_server.url("postgres"), pool_size=1)
    assert len({await _ask(engine) for _ in range(3)}) == 1
    await engine.dispose()
