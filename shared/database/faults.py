"""Which database errors are the infrastructure's (try again for ever) and which are the message's (park it)."""

from __future__ import annotations

import sqlalchemy.exc
from asyncpg import exceptions as pg

from shared.messaging.bus import BusUnavailable


class NotYet(Exception):
    """Something this work needs is not there yet (an unknown policy version, too many parked events): wait, loudly."""


_PASSING = (
    pg.PostgresConnectionError,
    pg.CannotConnectNowError,
    pg.OperatorInterventionError,
    pg.InsufficientResourcesError,
    pg.TransactionRollbackError,
    pg.LockNotAvailableError,
    pg.InternalClientError,
    pg.PostgresSystemError,
    pg.InvalidAuthorizationSpecificationError,
    pg.InvalidCatalogNameError,
    pg.ReadOnlySQLTransactionError,
    pg.IdleInTransactionSessionTimeoutError,
    OSError,
    TimeoutError,
    sqlalchemy.exc.TimeoutError,
    BusUnavailable,
    NotYet,
)


def is_infrastructure(error: BaseException) -> bool:
    """True where the same work may well succeed later, with nothing about it changed."""
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        if error.connection_invalidated or isinstance(error, sqlalchemy.exc.InterfaceError):
            return True
        cause = error.orig.__cause__ if error.orig is not None else None
        return isinstance(cause, _PASSING) or isinstance(error.orig, _PASSING)
    return isinstance(error, _PASSING)
