"""notify's own client at intake: the secret it proves itself with is registered when the databases are migrated."""

import asyncio
from collections.abc import Mapping

from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from services.intake.adapters.repositories.clients import register_secret
from shared.security.client_secrets import new_client_secret

CLIENT_ID = "notify"


def new_secret() -> str:
    """Return a secret in the form that clients have; kept by whoever starts the processes."""
    return new_client_secret("local").text


def register_notify(settings: Mapping[str, str]) -> None:
    """Make the secret in the settings one of notify's live ones, as the owner of intake's tables; none, nothing."""
    secret = settings.get("MASH_NOTIFY_CLIENT_SECRET")
    if secret:
        asyncio.run(_register(settings["MASH_INTAKE_OWNER_DATABASE_URL"], secret))


async def _register(owner_url: str, secret: str) -> None:
    engine = create_async_engine(owner_url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await register_secret(connection, client_id=CLIENT_ID, name="the notify service", secret=secret)
    finally:
        await engine.dispose()
