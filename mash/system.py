"""The running system as commands meet it: settings by service, databases, the policy's words, addresses."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import httpx2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.refusal import Refused
from shared.database.engine import make_engine
from shared.database.faults import is_infrastructure
from shared.messaging.bus import Bus
from shared.messaging.kafka import KafkaBus
from shared.messaging.postgres import PostgresBus
from shared.policy.loader import load_pack
from shared.policy.model import Pack
from shared.service import CommonSettings
from shared.settings import Environment, SettingError

Result = TypeVar("Result")

_NOW = text("SELECT mash_now()")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work; what the infrastructure does to it is said in one line.

    Raises:
        Refused: a database, the bus or a service does not answer.
    """
    try:
        return asyncio.run(work)
    except httpx2.HTTPError as error:
        raise Refused(f"a service does not answer ({type(error).__name__}): is everything running?") from error
    except Exception as error:
        if not is_infrastructure(error):
            raise
        raise Refused(f"a database or the bus does not answer ({type(error).__name__})") from error


def settings_of(settings: Mapping[str, str], service: str) -> CommonSettings:
    """Return one service's settings.

    Raises:
        Refused: one is missing or cannot be used.
    """
    try:
        return CommonSettings.read(Environment(settings), service)
    except SettingError as error:
        raise Refused(str(error)) from error


def refuse_in_production(settings: Mapping[str, str], what: str) -> None:
    """Let nobody play with a real front door.

    Raises:
        Refused: this is production.
    """
    if settings_of(settings, "intake").environment == "production":
        raise Refused(f"{what} is for development and rehearsals: MASH_ENV is production (its default)")


@asynccontextmanager
async def database(settings: Mapping[str, str], service: str) -> AsyncGenerator[AsyncEngine]:
    """Open a service's database as its own role."""
    engine = make_engine(settings_of(settings, service).database_url, pool_size=2)
    try:
        yield engine
    finally:
        await engine.dispose()


async def business_now(engine: AsyncEngine) -> datetime:
    """Return business time, by the database's clock."""
    async with engine.connect() as connection:
        return (await connection.execute(_NOW)).scalar_one()


def bus_of(settings: Mapping[str, str]) -> Bus:
    """Return the bus that the settings name; it connects at first use."""
    common = settings_of(settings, "intake")
    return KafkaBus(common.kafka_bootstrap) if common.bus == "kafka" else PostgresBus(common.bus_database_url)


def pack_of(settings: Mapping[str, str]) -> Pack:
    """Return the policy pack in force, for its words."""
    common = settings_of(settings, "intake")
    return load_pack(common.policies_directory, common.policy)


def address_of(settings: Mapping[str, str], service: str) -> str:
    """Return where a service's API answers: its setting, else this machine."""
    common = settings_of(settings, service)
    return settings.get(f"MASH_{service.upper()}_URL") or f"http://{common.host}:{common.port}"
