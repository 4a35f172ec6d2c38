"""What publisher, subscription and set-up of the PostgreSQL bus have in common: addresses, errors, lock numbers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Generator
from contextlib import contextmanager

import asyncpg

from shared.messaging.bus import BusUnavailable, Headers

ANSWER_SECONDS = 10.0
"""No statement may hang longer: a stopped server answers nothing at all and shows no error."""
CLOSE_SECONDS = 3.0

_UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,  # the database is not made yet
    asyncpg.UndefinedTableError,  # nor its tables
    asyncpg.ReadOnlySQLTransactionError,  # a standby not promoted yet
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
)


@contextmanager
def unavailable_when_it_fails() -> Generator[None]:
    """Turn what an absent, stopping or full server does to us into BusUnavailable; let our own defects through."""
    try:
        yield
    except ValueError:  # asyncpg's complaints about arguments and settings are both InterfaceError and ValueError
        raise
    except _UNAVAILABLE as error:
        raise BusUnavailable(f"the PostgreSQL bus does not answer: {type(error).__name__}") from error


def asyncpg_dsn(dsn: str) -> str:
    """A SQLAlchemy URL without its driver (postgresql+asyncpg://…), as asyncpg wants it; other forms unchanged."""
    return re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", dsn)


def lock_number(*names: str | int) -> int:
    """The advisory lock (signed 64 bit) that stands for these names."""
    text = "\x1f".join(str(name) for name in ("mash-bus", *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def headers_to_json(headers: Headers) -> str:
    """Any bytes survive, and plain text stays readable in the table."""
    return json.dumps([[name, value.decode("latin-1")] for name, value in headers])


def headers_from_json(text: str) -> Headers:
    """The inverse of headers_to_json."""
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(text)) if text != "[]" else ()
