from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.postgres import EmbeddedPostgres
from shared.database.engine import make_engine
from shared.messaging.tables import add_common_tables

_numbers = count(1)


@pytest.fixture
def common_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a fresh database with the common tables alone."""
    name = f"common_{next(_numbers)}"
    postgres_server.sql(f'CREATE DATABASE "{name}"')
    yield postgres_server.url(name)
    postgres_server.sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def engine(common_database: str) -> AsyncIterator[AsyncEngine]:
    metadata = sa.MetaData()
    add_common_tables(metadata)
    engine = make_engine(common_database)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield engine
    await engine.dispose()
