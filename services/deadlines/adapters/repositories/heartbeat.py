"""The firing loop's sign of life, in the database: other processes see that clocks are being fired, by whomever."""

from __future__ import annotations

import time
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

FIRING: Final = "fire"
EVERY_SECONDS: Final = 5.0
SILENT_SECONDS: Final = 30.0
"""Real seconds after which clocks are taken not to be fired any more."""

_BEAT: Final = sa.text(
    "INSERT INTO heartbeats (loop, beat_at) VALUES (:loop, now())"
    " ON CONFLICT (loop) DO UPDATE SET beat_at = greatest(heartbeats.beat_at, excluded.beat_at)"
)
_SILENT: Final = sa.text(
    "SELECT CAST(extract(epoch FROM now() - beat_at) AS float8) FROM heartbeats WHERE loop = :loop"
)


class NobodyFires(Exception):
    """No worker's firing loop has gone round lately: clocks would be missed unseen."""


class Heartbeat:
    """Written after a round, not oftener than every five seconds."""

    def __init__(self, engine: AsyncEngine, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._engine = engine
        self._every_seconds = every_seconds
        self._last = float("-inf")

    async def beat(self) -> None:
        """The firing loop went round."""
        if time.monotonic() - self._last < self._every_seconds:
            return
        async with self._engine.begin() as connection:
            await connection.execute(_BEAT, {"loop": FIRING})
        self._last = time.monotonic()

    async def check(self) -> None:
        """For /readyz. Raises NobodyFires where no worker has gone round for half a minute, or none ever has."""
        async with self._engine.connect() as connection:
            seconds = (await connection.execute(_SILENT, {"loop": FIRING})).scalar_one_or_none()
        if seconds is None or seconds > SILENT_SECONDS:
            raise NobodyFires
