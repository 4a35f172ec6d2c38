"""When a message is tried again, and when a person is needed. Retries are real time; duty time limits business time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

RETRY_SECONDS: Final = (0, 5, 30, 120, 600, 1800, 3600)
"""The waits before each try; after the last, hourly. Early tries are close: most faults pass within a minute."""
JITTER: Final = 0.2
LONGEST_WISH: Final = 600
"""A provider that asks us to wait longer than ten minutes is not believed: the referrer's 24 hours run."""
SLOWLY_SECONDS: Final = 600
"""Where our own set-up is refused, trying more often mends nothing."""
ADDRESS_AWAY_SECONDS: Final = 10
HOST_BUSY_SECONDS: Final = 5
RECEIPT_EVERY: Final = timedelta(minutes=2)
"""A receipt comes by itself; asking is for those that are lost on the way."""
TEAM_AFTER: Final = timedelta(minutes=3)
"""A text message that arrives does so within seconds. An alert to somebody on duty that has no receipt by then goes to
the team's address as well: well before the next rung, ten minutes after the first.
"""
ALERT_AGAIN: Final = timedelta(minutes=1)
"""An alert is not put off for longer: somebody is to look now."""
PERSON_AFTER: Final = timedelta(hours=8)
PAGE_AFTER: Final = timedelta(hours=20)


def wait_after(attempts: int, *, chance: float, asked: float = 0, slowly: bool = False) -> timedelta:
    """How long after failed attempt number ``attempts`` (from 1) the next is made.

    ``chance`` in [0, 1) spreads it by 20 % either way; ``asked`` is what the provider wishes, in seconds; ``slowly``
    where somebody has to mend our own set-up first.
    """
    seconds = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS) - 1)]
    wait = spread(max(seconds, SLOWLY_SECONDS) if slowly else seconds, chance=chance)
    return max(wait, timedelta(seconds=min(asked, LONGEST_WISH)))


def spread(seconds: float, *, chance: float) -> timedelta:
    """A wait spread by 20 % either way, so that what failed together does not come back together."""
    return timedelta(seconds=seconds * (1 - JITTER + 2 * JITTER * chance))


def person_needed(created_at: datetime, now: datetime) -> bool:
    """Whether it has been undelivered for so long that a person must tell it."""
    return now - created_at >= PERSON_AFTER
