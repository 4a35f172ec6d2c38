"""Set-based writes leave in the table what a write row by row would have left, whatever has changed of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mash.postgres import EmbeddedPostgres
from shared.database.batch import save
from shared.database.engine import make_engine

THINGS = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.UUID, primary_key=True),
    sa.Column("number", sa.Integer),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("said", JSONB, nullable=False),
    sa.Column("names", ARRAY(sa.Text), nullable=False),
)
Row = dict[str, Any]
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
ROWS = st.dictionaries(
    st.integers(0, 5).map(lambda n: UUID(int=n)),
    st.fixed_dictionaries(
        {
            "number": st.none() | st.integers(-9, 9),
            "words": WORDS,
            "at": st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
            "said": st.dictionaries(st.sampled_from("abc"), WORDS | st.lists(st.integers(0, 9), max_size=2)),
            "names": st.lists(WORDS, max_size=3),
        }
    ),
    max_size=6,
)


@pytest.fixture
async def engine(postgres_server: EmbeddedPostgres) -> AsyncIterator[AsyncEngine]:
    postgres_server.sql("CREATE DATABASE batches")
    engine = make_engine(postgres_server.url("batches"))
    yield engine
    await engine.dispose()
    postgres_server.sql("DROP DATABASE batches WITH (FORCE)")


async def kept(connection: AsyncConnection) -> dict[UUID, Row]:
    return {row["id"]: dict(row) for row in (await connection.execute(sa.select(THINGS))).mappings()}


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example makes a table of its own
@given(first=ROWS, second=ROWS)
async def test_what_was_saved_is_what_is_kept(
    engine: AsyncEngine, first: dict[UUID, Row], second: dict[UUID, Row]
) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(THINGS.create)
        await save(connection, THINGS, [{"id": key, **row} for key, row in first.items()], {})
        before = await kept(connection)
        assert before == {key: {"id": key, **row} for key, row in first.items()}
        await save(connection, THINGS, [{"id": key, **row} for key, row in second.items()], before)
        assert await kept(connection) == before | {key: {"id": key, **row} for key, row in second.items()}
        await connection.run_sync(THINGS.drop)


async def test_only_what_has_changed_is_written(engine: AsyncEngine) -> None:
    row = {"id": UUID(int=1), "number": 1, "words": "as it was", "at": None, "said": {}, "names": []}
    async with engine.begin() as connection:
        await connection.run_sync(THINGS.create)
        await save(connection, THINGS, [row], {})
        await connection.execute(sa.update(THINGS).values(words="by somebody else"))
        await save(connection, THINGS, [row | {"number": 2}], {UUID(int=1): row})
        await save(connection, THINGS, [row], {UUID(int=1): row})
        found = (await kept(connection))[UUID(int=1)]
        await connection.run_sync(THINGS.drop)
    assert (found["number"], found["words"]) == (2, "by somebody else")
