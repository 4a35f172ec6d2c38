"""What a provider that passes messages on says later of one that it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a receipt means, whatever the provider's word for it."""

    DELIVERED = "delivered"  # it is where it should be: the proof
    UNDERWAY = "underway"  # nothing is known yet
    NOT_NOW = "not_now"  # it did not get there and the provider has stopped trying: we may try again
    REFUSED = "refused"  # this address will never take it: another channel, or a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One receipt. ``provider_id`` is the provider's name for that attempt; ``code`` its word for what happened.

    ``at`` is when it was heard, in real time.
    """

    provider_id: str
    verdict: Verdict
    code: str
    at: datetime
    channel: str | None = None
    """By which channel that attempt went, where the provider says so."""
