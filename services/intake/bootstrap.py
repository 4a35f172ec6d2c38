"""Wires an intake process by hand, once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.intake.adapters.repositories.clients import signing_keys
from services.intake.adapters.repositories.contacts import IntakeUnitOfWork, MatchingUnitOfWork
from shared.clock import SystemClock
from shared.database.engine import make_engine
from shared.security.encryption import MasterKeys
from shared.security.jwks import LocalJwks
from shared.security.signing import SigningKeys
from shared.security.tokens import KeySource
from shared.service import CommonSettings, Platform, open_platform

KEYS_KEPT_SECONDS = 30
POST_WAIT = "2s"
"""How long a second request with the same idempotency key waits for the first."""


class TokenKeys:
    """The signing keys of intake's own issuers, read from the database and kept for half a minute."""

    def __init__(self, engine: AsyncEngine, masters: MasterKeys) -> None:
        self._engine = engine
        self._masters = masters
        self._kept: dict[str, tuple[datetime, SigningKeys]] = {}

    async def of(self, issuer: str) -> SigningKeys:
        """The live keys of ``issuer``."""
        now = datetime.now(UTC)
        kept = self._kept.get(issuer)
        if kept is None or (now - kept[0]).total_seconds() > KEYS_KEPT_SECONDS:
            kept = (now, await signing_keys(self._engine, self._masters, issuer=issuer, now=now))
            self._kept[issuer] = kept
        return kept[1]

    async def public(self, issuer: str) -> dict[str, object]:
        """The public set of ``issuer``, as its JWKS route serves it."""
        return (await self.of(issuer)).jwks()


@dataclass(kw_only=True)
class Intake:
    """An intake process."""

    platform: Platform
    token_keys: TokenKeys
    accepting: AsyncEngine

    def work(self) -> IntakeUnitOfWork:
        """A new unit of work."""
        return IntakeUnitOfWork(self.platform.database)

    def matching_work(self) -> MatchingUnitOfWork:
        """A new unit of work of the matching loop."""
        return MatchingUnitOfWork(self.platform.database, self.platform.blind_index, self.platform.metrics)

    def autocommit(self) -> AsyncConnection:
        """A connection on which each statement is its own transaction: for accepting contacts."""
        return self.accepting.connect()


@asynccontextmanager
async def open_intake(settings: CommonSettings) -> AsyncGenerator[Intake]:
    """Opens everything an intake process needs, and closes it again."""
    made: list[TokenKeys] = []

    def own_keys(engine: AsyncEngine, masters: MasterKeys) -> Mapping[str, KeySource]:
        keys = TokenKeys(engine, masters)
        made.append(keys)
        issuers = [settings.token_issuer, *([] if settings.oidc_issuer else [settings.staff_issuer])]
        return {issuer: LocalJwks(_loader(keys, issuer), SystemClock()) for issuer in issuers}

    async with open_platform(settings, own_keys=own_keys, lock_timeout=POST_WAIT) as platform:
        accepting = make_engine(settings.database_url, lock_timeout=POST_WAIT, autocommit=True)
        try:
            yield Intake(platform=platform, token_keys=made[0], accepting=accepting)
        finally:
            await accepting.dispose()


def _loader(keys: TokenKeys, issuer: str):  # noqa: ANN202
    async def load() -> dict[str, object]:
        return await keys.public(issuer)

    return load
