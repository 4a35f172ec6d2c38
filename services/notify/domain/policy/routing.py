"""By which channel a message goes next: from what its recipient has, what failed for good, and how long it has taken.

The first channel has four hours of business time. The others share the four that are left until a person is needed, so
that each has had its turn by then. A channel that refuses for good is passed over at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from .schedule import PERSON_AFTER

EMAIL: Final = "email"
SMS: Final = "sms"
WEBHOOK: Final = "webhook"
ORDER: Final = (EMAIL, SMS, WEBHOOK)
"""An e-mail holds every word; a text message is short; a partner's own system may be read by nobody tonight."""
SECOND_AFTER: Final = timedelta(hours=4)


def ways(has: Collection[str], deployed: Collection[str]) -> tuple[str, ...]:
    """The channels that reach this recipient here, the best first."""
    return tuple(channel for channel in ORDER if channel in has and channel in deployed)


def choose(ways: Sequence[str], refused: Collection[str], age: timedelta) -> str | None:
    """The channel to try now; None where none is left: a person is needed.

    ``age`` is the business time since this round of tries began. Where a channel fails for good late, those that were
    passed by for slowness come again.
    """
    left = [channel for channel in ways if channel not in refused]
    if not left:
        return None
    return left[_turn(len(left), age)]


def next_turn(ways: Sequence[str], refused: Collection[str], age: timedelta) -> timedelta | None:
    """How long until another channel has its turn (business time); None where there is no other to come."""
    left = [channel for channel in ways if channel not in refused]
    turn = _turn(len(left), age) if left else 0
    if turn + 1 >= len(left):
        return None
    share = (PERSON_AFTER - SECOND_AFTER) / (len(left) - 1)
    return SECOND_AFTER + share * turn - age


def _turn(channels: int, age: timedelta) -> int:
    if channels == 1 or age < SECOND_AFTER:
        return 0
    share = (PERSON_AFTER - SECOND_AFTER) / (channels - 1)
    return min(1 + int((age - SECOND_AFTER) / share), channels - 1)
