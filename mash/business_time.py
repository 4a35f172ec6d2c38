"""Business time: read, sped up, shifted and stepped in all databases at once. For demos and tests, not in production.

Each database keeps its own anchor (`clock`); `mash_now()` runs from it. The functions here write the same anchor
everywhere, so that the services agree, and never move time back: what has happened lies in the past.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from mash.bus_progress import BusProgress
from mash.quiet import wait_until_quiet
from mash.refusal import Refused
from mash.services import SERVICES
from mash.system import settings_of

LAST = "deadlines"  # moved last: when a clock fires, every other service is there already
FASTEST = 100_000.0

Databases = Mapping[str, AsyncEngine]

_LATER = text("SELECT mash_now() > :at AND EXISTS (SELECT FROM contacts)")
_READ = text("SELECT mash_now() AS at, speed, now() AS real FROM clock")
_FREEZE = text("UPDATE clock SET anchor_business = mash_now(), anchor_real = now(), speed = 0")
_ANCHOR = text("UPDATE clock SET anchor_business = :business, anchor_real = :real, speed = :speed")
_STEP = text("UPDATE clock SET anchor_business = :at WHERE speed = 0 AND anchor_business <= :at")
_CONTACTS = text("SELECT EXISTS (SELECT FROM contacts)")
_SHIFT = text("UPDATE clock SET anchor_business = anchor_business + make_interval(secs => :seconds)")
_NEXT = text("SELECT min(next_fire_at) FROM contacts WHERE next_fire_at IS NOT NULL")


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


@asynccontextmanager
async def service_databases(settings: Mapping[str, str]) -> AsyncGenerator[Databases]:
    """Each service's database, also where the settings name one server for all."""
    each = {service.setting("DATABASE_URL"): settings_of(settings, service.name).database_url for service in SERVICES}
    async with open_databases({**settings, **each}) as engines:
        yield engines


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


async def has_contacts(engines: Databases) -> bool:
    """Has anything happened here yet?"""
    async with engines[LAST].connect() as connection:
        return (await connection.execute(_CONTACTS)).scalar_one()


async def step_to(engines: Databases, at: datetime, *, environment: str) -> None:
    """Let it be exactly `at` everywhere, the deadlines service last; business time must stand still (speed 0).

    Raises:
        Refused: in production, where business time runs, or for going back.
    """
    _refuse_production(environment)

    async def move(name: str) -> None:
        async with engines[name].begin() as connection:
            moved = await connection.execute(_STEP, {"at": at})
        if not moved.rowcount:
            raise Refused("business time is moved to a moment only while it stands still, and never back")

    await asyncio.gather(*(move(name) for name in engines if name != LAST))
    await move(LAST)


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
