"""Business time: read, sped up, shifted and stepped in all databases at once. For demos and tests, not in production.

Each database keeps its own anchor (`clock`); `mash_now()` runs from it. The functions here write the same anchor
everywhere, so that the services agree, and never move time back: what has happened lies in the past.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from mash.bus_progress import BusProgress
from mash.refusal import Refused
from mash.services import SERVICE_NAMES, SERVICES

LAST = "deadlines"  # moved last: when a clock fires, every other service is there already
QUIET_SECONDS = 60.0
LOOK_SECONDS = 0.02
FASTEST = 100_000.0

Databases = Mapping[str, AsyncEngine]

_LATER = text("SELECT mash_now() > :at AND EXISTS (SELECT FROM contacts)")
_READ = text("SELECT mash_now() AS at, speed, now() AS real FROM clock")
_FREEZE = text("UPDATE clock SET anchor_business = mash_now(), anchor_real = now(), speed = 0")
_ANCHOR = text("UPDATE clock SET anchor_business = :business, anchor_real = :real, speed = :speed")
_SHIFT = text("UPDATE clock SET anchor_business = anchor_business + make_interval(secs => :seconds)")
_NEXT = text("SELECT min(next_fire_at) FROM contacts WHERE next_fire_at IS NOT NULL")
_OUTBOX = "SELECT count(*) FROM outbox"
_WRITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
    " AND pid <> pg_backend_pid()"
)
_OWN_WORK = {
    # Who a contact is about is found after its commit, and what follows is said later still.
    "intake": "SELECT (SELECT count(*) FROM contacts WHERE matched_at IS NULL AND body IS NOT NULL)"
    " + (SELECT count(*) FROM looks_due) + (SELECT count(*) FROM links WHERE due)",
    "deadlines": "SELECT count(*) FROM contacts WHERE next_fire_at <= mash_now()",
    # A delivery that waits for its next try has a due_at in the future (real time): it is not counted.
    "notify": "SELECT count(*) FROM messages WHERE settled_at IS NULL AND (due_at <= now() OR lease_until > now())",
}
_IN_FLIGHT = {
    name: text(f"SELECT ({_OUTBOX}) AS outbox, ({_WRITING}) AS transactions, ({_OWN_WORK.get(name, '0')}) AS work")
    for name in SERVICE_NAMES
}


class NotQuiet(Refused):
    """Something stayed in flight for as long as we wait; the message says what."""


@dataclass(frozen=True, slots=True)
class BusinessTime:
    """One database's clock: what time it is there, and how many business seconds a real second has."""

    at: datetime
    speed: float


@asynccontextmanager
async def open_databases(settings: Mapping[str, str]) -> AsyncGenerator[Databases]:
    """Engines to every service's database, by the service's name."""
    engines = {
        service.name: create_async_engine(settings[service.setting("DATABASE_URL")], pool_size=1, max_overflow=1)
        for service in SERVICES
    }
    try:
        yield engines
    finally:
        for engine in engines.values():
            await engine.dispose()


async def read(engine: AsyncEngine) -> BusinessTime:
    """What time it is in one database."""
    async with engine.connect() as connection:
        row = (await connection.execute(_READ)).one()
    return BusinessTime(row.at, row.speed)


async def set_speed(engines: Databases, speed: float, *, environment: str) -> None:
    """Let business time run `speed` times as fast from now on, without a jump and in step everywhere; 0 stops it.

    Raises:
        Refused: in production, or for a speed that is negative or beyond reason.
    """
    if not 0 <= speed <= FASTEST:
        raise Refused(f"the speed of business time lies between 0 and {FASTEST:g}")
    await _anchor(engines, speed=speed, at=None, environment=environment)


async def begin_at(engines: Databases, at: datetime, *, speed: float = 1.0, environment: str) -> None:
    """Let business time begin at `at`: only where nothing has happened yet, or forward.

    Raises:
        Refused: in production, or back in time where contacts are already there.
    """
    async with engines[LAST].connect() as connection:
        too_late = (await connection.execute(_LATER, {"at": at})).scalar_one()
    if too_late:
        raise Refused("business time does not go back: there are contacts already (start afresh with --reset)")
    await _anchor(engines, speed=speed, at=at, environment=environment)


async def shift(engines: Databases, seconds: float, *, environment: str) -> None:
    """Move business time forward everywhere, the deadlines service last.

    Raises:
        Refused: in production, or for going back.
    """
    _refuse_production(environment)
    if seconds < 0:
        raise Refused("business time does not go back: what has happened lies in the past")
    for name in _in_order(engines):
        async with engines[name].begin() as connection:
            await connection.execute(_SHIFT, {"seconds": seconds})


async def advance(
    engines: Databases,
    seconds: float,
    *,
    progress: BusProgress,
    environment: str,
    on_step: Callable[[datetime], None] = lambda _: None,
) -> int:
    """Step business time forward by `seconds`, as `advance_to` does; the number of steps.

    Raises:
        Refused: in production, or for going back. NotQuiet: something stayed in flight for a minute.
    """
    target = (await read(engines[LAST])).at + timedelta(seconds=seconds)
    return await advance_to(engines, target, progress=progress, environment=environment, on_step=on_step)


async def advance_to(
    engines: Databases,
    target: datetime,
    *,
    progress: BusProgress,
    environment: str,
    on_step: Callable[[datetime], None] = lambda _: None,
) -> int:
    """Step business time forward to `target`: from one due time to the next, each in quiet; the number of steps.

    Waits until nothing is in flight, jumps to the next moment at which a clock fires, and so on until the target. Where
    business time stands still (speed 0) it is `target` to the microsecond afterwards.

    Raises:
        Refused: in production, or for going back. NotQuiet: something stayed in flight for a minute.
    """
    _refuse_production(environment)
    steps = 0
    while True:
        await wait_until_quiet(engines, progress)
        now = (await read(engines[LAST])).at
        due = await _next_due(engines)
        to = target if due is None else min(target, due)
        if to > now:
            await shift(engines, (to - now).total_seconds(), environment=environment)
            steps += 1
            on_step((await read(engines[LAST])).at)
        if max(now, to) >= target:
            await wait_until_quiet(engines, progress)
            return steps


async def wait_until_quiet(engines: Databases, progress: BusProgress, *, limit_seconds: float = QUIET_SECONDS) -> None:
    """Wait until no event is unpublished or unread, no transaction writes, and nothing due is unfired.

    Raises:
        NotQuiet: not within `limit_seconds`; says what is still in flight.
    """
    ends = time.monotonic() + limit_seconds
    while True:
        before = await progress.read()
        in_flight = await _in_flight(engines) or await _in_flight(engines)
        after = await progress.read()
        if after.behind:
            in_flight["bus"] = after.behind
        # An event that hops from a consumer to an outbox to the bus while we look round is seen by its publication.
        if not in_flight and not before.behind and before.published == after.published:
            return
        if time.monotonic() > ends:
            named = ", ".join(f"{count} in {what}" for what, count in in_flight.items()) or "events on their way"
            raise NotQuiet(f"not quiet after {limit_seconds:g} s: {named}")
        await asyncio.sleep(LOOK_SECONDS)


async def _in_flight(engines: Databases) -> dict[str, int]:
    counted = await asyncio.gather(*(_in_flight_of(name, engine) for name, engine in engines.items()))
    return {
        f"{name}'s {what}": count for name, row in zip(engines, counted, strict=True) for what, count in row if count
    }


async def _in_flight_of(name: str, engine: AsyncEngine) -> list[tuple[str, int]]:
    async with engine.connect() as connection:
        row = (await connection.execute(_IN_FLIGHT[name])).one()
    return [("outbox", row.outbox), ("transactions", row.transactions), ("work", row.work)]


async def _next_due(engines: Databases) -> datetime | None:
    async with engines[LAST].connect() as connection:
        return (await connection.execute(_NEXT)).scalar_one()


async def _anchor(engines: Databases, *, speed: float, at: datetime | None, environment: str) -> None:
    """The same anchor everywhere. First every clock is stopped where it is, then all start together at the latest."""
    _refuse_production(environment)
    for name in _in_order(engines):
        async with engines[name].begin() as connection:
            await connection.execute(_FREEZE)
    business = at or max([(await read(engine)).at for engine in engines.values()])
    async with engines[LAST].connect() as connection:
        real = (await connection.execute(_READ)).one().real
    for name in _in_order(engines):
        async with engines[name].begin() as connection:
            await connection.execute(_ANCHOR, {"business": business, "real": real, "speed": speed})


def _in_order(engines: Databases) -> list[str]:
    return sorted(engines, key=lambda name: name == LAST)


def _refuse_production(environment: str) -> None:
    if environment == "production":
        raise Refused("business time is real time in production")
