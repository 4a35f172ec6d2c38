"""Where benchmarks of single parts run: a throw-away PostgreSQL, on the disk (that of tests may be in memory)."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mash.databases import ensure_databases
from mash.environment import settings_for
from mash.migrations import create_topics, migrate_databases
from mash.postgres import EmbeddedPostgres
from mash.services import service_named
from tests.support.hub import free_ports

_EMPTY = (
    "SELECT 'TRUNCATE ' || string_agg(format('%I', tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
    " AND tablename NOT IN ('alembic_version', 'clock', 'table_keys', 'signing_keys') \\gexec\nCHECKPOINT;"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A server with migrated databases, and the settings of processes over it."""

    postgres: EmbeddedPostgres
    settings: dict[str, str]
    folder: Path

    def empty(self, service: str) -> None:
        """Deletes all rows of a service's database: each round begins alike."""
        self.postgres.sql(_EMPTY, database=f"mash_{service}")


@asynccontextmanager
async def a_place(services: Sequence[str], *, kafka_bootstrap: str | None = None) -> AsyncGenerator[Place]:
    """Starts it for ``services`` and erases it with the block. Topics are made where a Kafka is named."""
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as name:
        folder = Path(name)
        postgres = EmbeddedPostgres(folder / "postgres")
        try:
            postgres.start()
            ensure_databases(postgres)
            settings = settings_for(postgres, data_dir=folder, kafka_bootstrap=kafka_bootstrap)
            for service in services:
                settings[f"MASH_{service.upper()}_PORT"] = str(free_ports(1)[0])
            settings["MASH_INTAKE_URL"] = f"http://127.0.0.1:{settings.get('MASH_INTAKE_PORT', '8001')}"
            await asyncio.to_thread(migrate_databases, settings, [service_named(one) for one in services])
            if kafka_bootstrap is not None:
                await asyncio.to_thread(create_topics, settings)
            yield Place(postgres=postgres, settings=settings, folder=folder)
        finally:
            postgres.erase()
