"""procrastinate's scheduled jobs on the same kind of server: how late they are started."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from dataclasses import dataclass
from functools import partial

import asyncpg
from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager

from benchmarks.places import a_place
from tests.support.eventually import eventually

WORKERS = 3
AT_ONCE = 20
LOOK_SECONDS = 0.02
"""Its default is five seconds: then it is seconds late whatever it does."""
LEAD_SECONDS = 5
FILLED_A_SECOND = 20_000
PATIENCE_SECONDS = 30
_FILL = """
INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)
SELECT 'clocks', 'fire', CASE WHEN n < $2::int THEN $3::timestamptz + make_interval(secs => n::float8 / $4::int)
                              ELSE $3::timestamptz + interval '1 hour' + random() * interval '45 days' END
FROM (SELECT n FROM generate_series(0, $1::int - 1) AS n ORDER BY random()) AS numbered
"""
_LATE = """
SELECT extract(epoch FROM e.at - j.scheduled_at)::float8 AS late FROM procrastinate_events e
JOIN procrastinate_jobs j ON j.id = e.job_id WHERE e.type = 'started'
"""
_DONE = "SELECT count(*) FROM procrastinate_events WHERE type = 'started'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What it did: of ``due`` jobs ``done`` were started, each so many seconds late."""

    pending: int
    rate: int
    due: int
    done: int
    late: list[float]


def work(conninfo: str) -> None:
    """One worker process; its job does nothing."""
    app = App(connector=PsycopgConnector(conninfo=conninfo))

    @app.task(name="fire", queue="clocks")
    async def fire() -> None: ...  # pyright: ignore[reportUnusedFunction]

    async def main() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=AT_ONCE, fetch_job_polling_interval=LOOK_SECONDS)

    asyncio.run(main())


async def measure(*, pending: int, rate: int, seconds: int) -> Peer:
    """Its workers over a stock of scheduled jobs, of which ``rate`` a second are due for ``seconds``."""
    async with a_place([]) as place:
        place.postgres.sql("CREATE DATABASE peer")
        dsn = place.postgres.dsn("peer")
        database = await asyncpg.connect(dsn)
        workers = [multiprocessing.get_context("spawn").Process(target=work, args=(dsn,)) for _ in range(WORKERS)]
        try:
            await database.execute(SchemaManager.get_schema())
            for worker in workers:
                worker.start()
            return await _window(database, pending=pending, rate=rate, seconds=seconds)
        finally:
            for worker in workers:
                worker.kill()
            await database.close()


async def _window(database: asyncpg.Connection, *, pending: int, rate: int, seconds: int) -> Peer:
    due = rate * seconds
    begins = await database.fetchval(
        "SELECT now() + make_interval(secs => $1)", float(LEAD_SECONDS + pending / FILLED_A_SECOND)
    )
    async with database.transaction():
        await database.execute("SET LOCAL session_replication_role = replica")  # its triggers would log every one
        await database.execute(_FILL, pending, due, begins, rate)
    await database.execute("VACUUM ANALYZE")
    patience = LEAD_SECONDS + pending / FILLED_A_SECOND + seconds + PATIENCE_SECONDS
    with contextlib.suppress(AssertionError):  # what it has not started by then is told beside
        await eventually(partial(_all_started, database, due), within_seconds=patience, every_seconds=0.25)
    done = await database.fetchval(_DONE)
    late = [row["late"] for row in await database.fetch(_LATE)]
    return Peer(pending=pending, rate=rate, due=due, done=done, late=late)


async def _all_started(database: asyncpg.Connection, due: int) -> bool:
    return await database.fetchval(_DONE) >= due
