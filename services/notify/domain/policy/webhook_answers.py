"""What a webhook's answer means, and when a delivery is tried again. All of it in real time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from . import schedule

CONNECT_SECONDS: Final = 3
CALL_SECONDS: Final = 15
"""The whole call, from the name's look-up to the answer's headers: a receiver that drips holds nobody for longer."""
GIVEN_UP_AFTER: Final = timedelta(days=5)
"""Longer than a bank-holiday weekend: a receiver that fell over on Friday is mended by somebody in office hours."""
KEPT_FOR: Final = timedelta(days=30)
"""How long events are kept, and so how far back a partner may replay."""
SLOWEST_FIRST: Final = timedelta(minutes=10)
MOST_WEBHOOKS: Final = 5
"""An organisation's, so that one cannot make us a flood."""
MOST_REPLAYED: Final = 5000
AT_ONCE_A_HOST: Final = 4


class Verdict(StrEnum):
    """What an answer asks of us."""

    ACCEPTED = "accepted"
    LATER = "later"  # try again on the usual schedule
    SLOWLY = "slowly"  # it refuses us, and will go on to until somebody mends it: seldom, and loudly
    GONE = "gone"  # it wants no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one call: a status, or a fault's code where there was none. ``retry_after`` in seconds."""

    status: int | None = None
    fault: str | None = None
    retry_after: float = 0

    @property
    def code(self) -> str:
        """A word for the record and the log."""
        return self.fault or f"http_{self.status}"

    @property
    def reached(self) -> bool:
        """Whether the host answered like one that works: what counts for its circuit breaker."""
        return self.status is not None and self.status < HTTPStatus.INTERNAL_SERVER_ERROR


_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_OUR_REFUSALS: Final = frozenset({"address_refused", "port_refused", "https_only", "name_needed", "user_in_url"})


def judge(answer: Answer) -> Verdict:
    """Only 2xx is success; a redirect is not followed and so a failure; 410 ends it (Standard Webhooks)."""
    status = answer.status
    if status is None:
        return Verdict.SLOWLY if answer.fault in _OUR_REFUSALS else Verdict.LATER
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict.ACCEPTED
    if status == HTTPStatus.GONE:
        return Verdict.GONE
    return Verdict.LATER if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR else Verdict.SLOWLY


def wait_after(verdict: Verdict, attempts: int, *, chance: float, asked: float = 0) -> timedelta:
    """How long after failed attempt number ``attempts`` (from 1) the next is made; ``chance`` in [0, 1) spreads it."""
    wait = schedule.wait_after(attempts, chance=chance, asked=asked)
    return wait if verdict is Verdict.LATER else max(wait, SLOWEST_FIRST * (1 + schedule.JITTER * chance))


def rests_until(answer: Answer, now: datetime) -> datetime | None:
    """Until when the whole webhook is left alone because it asked for that; ten minutes at most are granted."""
    if answer.retry_after <= 0 or judge(answer) is not Verdict.LATER:
        return None
    return now + timedelta(seconds=min(answer.retry_after, schedule.LONGEST_WISH))
