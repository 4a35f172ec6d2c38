"""How late clocks fire: three replicas of the worker's firing loop over a stock of pending clocks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from benchmarks import clocks_peer
from benchmarks.clocks_replicas import Replicas, replicas
from benchmarks.clocks_stock import LEAD, Stock, fill, jump_to, lateness
from benchmarks.figures import Figure, Options, percentile
from benchmarks.places import Place, a_place

PENDING, RATE, SECONDS = 1_000_000, 1_000, 30
REPLICAS = 3
KILL_EVERY_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 120
CATCH_UP_SECONDS = 1_800
FIRST_SECONDS = 1.0
LOOK_SECONDS = 0.25
OVERDUE_AFTER = timedelta(days=60)
_BREACHES = "SELECT count(*), count(DISTINCT deadline_id) FROM breaches"
_SAID = "SELECT count(*), count(DISTINCT event_id) FROM outbox"
_LEFT = "SELECT count(*) FROM contacts WHERE next_fire_at <= mash_now()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one window gave: seconds late, clock by clock, and how many replicas were killed in it.

    In the first second of the first window each replica meets its statements for the first time: ``settled`` is
    without it.
    """

    late: list[float]
    settled: list[float]
    killed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A run over one stock: quiet, disturbed, and how many were due and fired, and said, once."""

    stock: Stock
    quiet: Round
    disturbed: Round
    catch_up_seconds: float | None
    due: int
    breaches: int
    said: int
    distinct: int


async def run(options: Options) -> list[Figure]:
    """A million pending, a thousand due a second for half a minute; first undisturbed, then with a replica killed
    every half second. Late is from the due moment to the commit of the breach and its event. One clock a contact.
    Beside it procrastinate's scheduled jobs, looked for as often, at a tenth of the rate over a twentieth of the stock.
    """
    pending, rate = options.pending or PENDING, options.rate or RATE
    seconds = int(options.seconds or SECONDS)
    async with a_stocked_place(pending, rate, seconds) as (place, database, stock):
        ours = await measure(place, database, stock, overdue=options.overdue)
    peer = await clocks_peer.measure(pending=max(pending // 20, rate), rate=max(rate // 10, 1), seconds=seconds)
    return _figures(ours, rate, seconds, peer)


@asynccontextmanager
async def a_stocked_place(
    pending: int, rate: int, seconds: int
) -> AsyncGenerator[tuple[Place, asyncpg.Connection, Stock]]:
    """A server that notes when each transaction was committed, with the stock in deadlines' tables."""
    async with a_place(["deadlines"]) as place:
        place.postgres.sql("ALTER SYSTEM SET track_commit_timestamp = on")
        place.postgres.restart()
        database = await asyncpg.connect(place.postgres.dsn("mash_deadlines"))
        try:
            stock = await fill(database, pending=pending, windows=2, rate=rate, seconds=seconds)
            place.postgres.sql("CHECKPOINT")
            yield place, database, stock
        finally:
            await database.close()


async def measure(place: Place, database: asyncpg.Connection, stock: Stock, *, overdue: bool = False) -> Fired:
    """Both windows, one after the other; with ``overdue`` then all that is left, as after an outage."""
    async with replicas(place.settings, REPLICAS) as running:
        quiet = await _window(database, stock, 0, running, kill=False)
        disturbed = await _window(database, stock, 1, running, kill=True)
        catch_up = await _catch_up(database, stock) if overdue else None
    entries, clocks = await _counts(database, _BREACHES)
    said, distinct = await _counts(database, _SAID)
    due = stock.pending if overdue else stock.windows * stock.due
    found = Fired(
        stock=stock,
        quiet=quiet,
        disturbed=disturbed,
        catch_up_seconds=catch_up,
        due=due,
        breaches=clocks,
        said=said,
        distinct=distinct,
    )
    assert {entries, clocks, said, distinct} == {due}, f"not each once: {found.due} due, {entries}, {said}, {distinct}"
    return found


async def _counts(database: asyncpg.Connection, question: str) -> tuple[int, int]:
    row = await database.fetchrow(question)
    assert row is not None
    return row[0], row[1]


async def _window(database: asyncpg.Connection, stock: Stock, number: int, running: Replicas, *, kill: bool) -> Round:
    begins, _ = stock.window(number)
    ahead = await jump_to(database, begins - LEAD)
    killing = asyncio.create_task(_kill_on(running)) if kill else None
    before = running.killed
    expected, ends = (number + 1) * stock.due, time.monotonic() + LONGEST_WAIT_SECONDS
    while await database.fetchval("SELECT count(*) FROM breaches") < expected:
        assert time.monotonic() < ends, "clocks that are due do not fire"
        await asyncio.sleep(LOOK_SECONDS)
    if killing is not None:
        killing.cancel()
    found = await lateness(database, stock, number, ahead)
    return Round(
        late=[late for _, late in found],
        settled=[late for due, late in found if due >= FIRST_SECONDS],
        killed=running.killed - before,
    )


async def _kill_on(running: Replicas) -> None:
    chance = random.Random(7)
    await asyncio.sleep(LEAD.total_seconds())
    while True:
        await asyncio.to_thread(running.kill, chance)
        await asyncio.sleep(KILL_EVERY_SECONDS)


async def _catch_up(database: asyncpg.Connection, stock: Stock) -> float:
    """Seconds until all that is left has fired, once all of it is overdue at the same moment."""
    await jump_to(database, stock.begins + OVERDUE_AFTER)
    began = time.monotonic()
    while await database.fetchval(_LEFT):
        assert time.monotonic() < began + CATCH_UP_SECONDS, "not caught up"
        await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def spread(late: Sequence[float]) -> str:
    """Median, 99th percentile and worst, in milliseconds."""
    return " / ".join(f"{percentile(late, share) * 1000:.0f}" for share in (0.5, 0.99, 1.0)) + " ms"


def _figures(ours: Fired, rate: int, seconds: int, peer: clocks_peer.Peer) -> list[Figure]:
    stock = f"{ours.stock.pending:,} pending, {rate:,} due a second for {seconds} s"
    beside = f"procrastinate, {peer.pending:,} pending, {peer.rate}/s, {peer.done} of {peer.due} run"
    there = percentile(peer.late, 0.99)

    def late(name: str, seconds: list[float], aim: str) -> Figure:
        ratio = percentile(seconds, 0.99) / there
        return Figure(name=name, value=spread(seconds), beside=beside, there=spread(peer.late), ratio=ratio, aim=aim)

    found = [
        late(f"{stock}: late, p50 / p99 / worst", ours.quiet.settled, "p99 ≤ 50 ms, worst ≤ 1 s"),
        late("with the replicas' first second of firing", ours.quiet.late, "worst ≤ 1 s"),
        late(f"the same, {ours.disturbed.killed} replicas killed: late", ours.disturbed.late, "p99 ≤ 1 s"),
        Figure(
            name="due, in the ledger, said, said with ids of their own",
            value=f"{ours.due:,}, {ours.breaches:,}, {ours.said:,}, {ours.distinct:,}",
            aim="all the same",
        ),
    ]
    if ours.catch_up_seconds is not None:
        left = ours.stock.pending - ours.stock.windows * ours.stock.due
        found.append(
            Figure(name=f"{left:,} overdue at once, all fired", value=f"{ours.catch_up_seconds:.0f} s", aim="≤ 30 s")
        )
    return found
