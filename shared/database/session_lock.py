"""Being the only one: an advisory lock held by a dedicated connection. Losing the connection is losing the lock."""

from __future__ import annotations

import zlib

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

_TRY = text("SELECT pg_try_advisory_lock(:space, :number)")


class SessionLock:
    """A lock named ``name`` and ``number`` in one database, held as long as its connection lives."""

    def __init__(self, url: str, name: str) -> None:
        self._engine = create_async_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"timeout": 5, "command_timeout": 30}
        )
        self._space = zlib.crc32(name.encode()) - 2**31
        self._connection: AsyncConnection | None = None

    @property
    def connection(self) -> AsyncConnection:
        """The connection that holds the lock (autocommit). Raises ConnectionError where there is none."""
        if self._connection is None:
            message = "the lock is not held"
            raise ConnectionError(message)
        return self._connection

    async def try_acquire(self, number: int = 0) -> bool:
        """True when the lock is ours now. Raises what the database raises when it is away."""
        if self._connection is None:
            self._connection = await self._engine.connect()
        held = await self._connection.execute(_TRY, {"space": self._space, "number": number})
        return bool(held.scalar_one())

    async def release(self) -> None:
        """Gives the lock back by closing its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def check(self) -> None:
        """Raises where the connection, and with it the lock, has been lost."""
        await self.connection.execute(text("SELECT 1"))


async def lowest_free_slot(lock: SessionLock, *, most: int = 64) -> int:
    """The lowest number nobody else holds, now held by ``lock``. Raises RuntimeError where all are taken."""
    for number in range(most):
        if await lock.try_acquire(number):
            return number
    message = f"all {most} worker slots are taken"
    raise RuntimeError(message)
