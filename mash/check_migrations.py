"""Do the migrations make the tables that the code describes? Asked of a fresh PostgreSQL, service by service."""

import asyncio

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from mash.databases import ensure_databases
from mash.postgres import temporary_postgres
from mash.services import SERVICES
from services.deadlines.adapters.tables import METADATA as DEADLINES
from services.intake.adapters.tables import METADATA as INTAKE
from services.notify.adapters.tables import METADATA as NOTIFY
from services.triage.adapters.tables import METADATA as TRIAGE
from shared.database.migrate import differences, migrate

TABLES = {"intake": INTAKE, "triage": TRIAGE, "deadlines": DEADLINES, "notify": NOTIFY}


def check_migrations() -> list[str]:
    """Migrate four empty databases; return in what each differs from the code, nothing if they agree."""
    with temporary_postgres() as postgres:
        ensure_databases(postgres)
        found: list[str] = []
        for service in SERVICES:
            owner_url = postgres.url(service.database, service.owner)
            migrate(service.name, owner_url)
            migrate(service.name, owner_url)  # again: it must be safe to run at every deployment
            found += [f"{service.name}: {each}" for each in asyncio.run(_differences(owner_url, TABLES[service.name]))]
        return found


async def _differences(owner_url: str, metadata: sa.MetaData) -> list[object]:
    engine = create_async_engine(owner_url, poolclass=sa.NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(differences, metadata)
    finally:
        await engine.dispose()
