"""Migrations: alembic, one section of alembic.ini a service, run as the database's owner role."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

ROOT = Path(__file__).resolve().parents[2]


def _config(service: str, url: str) -> Config:
    config = Config(str(ROOT / "alembic.ini"), ini_section=service)
    config.set_section_option(service, "script_location", str(ROOT / "services" / service / "migrations"))
    config.set_section_option(service, "sqlalchemy.url", sync_url(url).replace("%", "%%"))
    return config


def sync_url(url: str) -> str:
    """The same address with no driver named that this project does not have: migrations use asyncpg too."""
    return url if "+asyncpg" in url else url.replace("postgresql://", "postgresql+asyncpg://", 1)


def migrate(service: str, owner_url: str) -> None:
    """Brings ``service``'s database to the newest version. Safe to run by several at once and again."""
    command.upgrade(_config(service, owner_url), "head")


def revise(service: str, owner_url: str, message: str) -> None:
    """Writes a new migration from what the tables and the database differ in."""
    command.revision(_config(service, owner_url), message=message, autogenerate=True)


def newest(service: str) -> str | None:
    """The version that the code expects of ``service``'s database."""
    return ScriptDirectory(str(ROOT / "services" / service / "migrations")).get_current_head()


def differences(connection: sa.Connection, metadata: sa.MetaData) -> list[object]:
    """What the tables in the code and the migrated database differ in; empty when they agree."""
    migration = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    return list(compare_metadata(migration, metadata))


async def at_newest(engine: AsyncEngine, service: str) -> bool:
    """True when ``service``'s database is at the version the code expects."""
    async with engine.connect() as connection:
        found = (await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalars().all()
    return found == [newest(service)]


def run_env(metadata: sa.MetaData) -> None:
    """What every service's migrations/env.py does: one transaction, under a lock, with a short wait for table locks."""

    def upgrade(connection: sa.Connection) -> None:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('mash migrate'))"))
            connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
            context.run_migrations()

    async def run(work: Callable[[sa.Connection], None]) -> None:
        engine = create_async_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=sa.NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(work)
        await engine.dispose()

    # In a thread of its own: the caller may be inside a running event loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(lambda: asyncio.run(run(upgrade))).result()
