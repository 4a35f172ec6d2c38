"""The last good key set of each issuer, in the service's own database."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.clock import Clock

_LOAD = text("SELECT jwks FROM jwks_cache WHERE issuer = :issuer")
_SAVE = text(
    "INSERT INTO jwks_cache (issuer, jwks, fetched_at) VALUES (:issuer, :jwks, :now) "
    "ON CONFLICT (issuer) DO UPDATE SET jwks = excluded.jwks, fetched_at = excluded.fetched_at"
)


class DatabaseJwksStore:
    """Keeps public keys in the table `jwks_cache`, in transactions of its own."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        """Connects to nothing yet."""
        self._engine = engine
        self._clock = clock

    async def load(self, issuer: str) -> str | None:
        """The issuer's set as JSON text, or None where none was ever kept."""
        async with self._engine.connect() as connection:
            return (await connection.execute(_LOAD, {"issuer": issuer})).scalar_one_or_none()

    async def save(self, issuer: str, jwks: str) -> None:
        """Replace the issuer's set."""
        async with self._engine.begin() as connection:
            await connection.execute(_SAVE, {"issuer": issuer, "jwks": jwks, "now": self._clock.now()})
