"""MASH_CLOCK_START and MASH_CLOCK_SPEED: where business time begins and how fast it runs, for demos and rehearsals."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from mash.business_time import FASTEST, begin_at, open_databases, set_speed
from mash.refusal import Refused
from shared.settings import Environment


def set_clocks(settings: Mapping[str, str], variables: Mapping[str, str]) -> None:
    """Do what the two variables ask for; nothing where neither is set.

    Raises:
        Refused: in production, for a time without a zone, or back in time where contacts are already there.
    """
    env = Environment(variables)
    start, speed = env.optional("MASH_CLOCK_START"), env.optional("MASH_CLOCK_SPEED")
    if start is None and speed is None:
        return
    rate = env.number("MASH_CLOCK_SPEED", 1.0, minimum=0.0, maximum=FASTEST)
    asyncio.run(_set(settings, None if start is None else _moment(start), rate))


async def _set(settings: Mapping[str, str], start: datetime | None, speed: float) -> None:
    environment = settings.get("MASH_ENV", "production")
    async with open_databases(settings) as databases:
        if start is None:
            await set_speed(databases, speed, environment=environment)
        else:
            await begin_at(databases, start, speed=speed, environment=environment)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused("MASH_CLOCK_START must be a time with a zone, as in 2026-11-20T09:00:00Z")
    return moment
