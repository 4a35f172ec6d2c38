"""Connections to one service's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from sqlalchemy.pool import ConnectionPoolEntry


class UnsafeDatabase(RuntimeError):
    """The server could lose what we acknowledge, or holds another version of the tables than the code."""


def make_engine(url: str, *, pool_size: int = 8, lock_timeout: str = "20s", autocommit: bool = False) -> AsyncEngine:
    """An engine for ``url`` (``postgresql+asyncpg://…``). Connects to nothing yet.

    Servers and connections run in UTC. A connection that waits for another transaction's row gives up after 20 s: the
    caller then tries again, instead of a whole service standing still.

    With ``autocommit`` each statement is a transaction of its own. It has its own connections for that: changing the
    mode of a pooled one at each use, and asking in a transaction whether it lives, took four round trips for one.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        isolation_level="AUTOCOMMIT" if autocommit else None,
        connect_args={
            "timeout": 5,
            "command_timeout": 60,
            "server_settings": {
                "timezone": "UTC",
                "lock_timeout": lock_timeout,
                "idle_in_transaction_session_timeout": "60s",
                "application_name": "mash",
                "jit": "off",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(_: object, record: ConnectionPoolEntry, __: object) -> None:
    """Gives out no connection that the server has closed: it is made anew.

    The pool's own ping asks the server, three round trips at every use. That the server has gone is known without
    asking, as soon as the loop has read the end of the stream; what comes in between fails and is tried again, as a
    connection that breaks in use is.
    """
    connection: Any = record.driver_connection
    if connection is None or connection.is_closed():
        raise DisconnectionError


async def refuse_unsafe(engine: AsyncEngine) -> None:
    """Raises UnsafeDatabase where a commit would not mean that the data is kept (fsync or synchronous_commit off)."""
    async with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit"):
            value = (await connection.execute(text(f"SHOW {setting}"))).scalar_one()
            if value == "off":
                message = f"PostgreSQL runs with {setting}=off: what is acknowledged could be lost. Set it to on."
                raise UnsafeDatabase(message)
