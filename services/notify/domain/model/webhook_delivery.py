"""One event on its way to one webhook: its states, what each allows, and what late or repeated results do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  # to be sent as soon as its webhook can be
    LEASED = "leased"  # one worker is sending it now; after the lease another may
    RETRYING = "retrying"  # tried, and to be tried again
    ACCEPTED = "accepted"  # the receiver answered 2xx
    GIVEN_UP = "given_up"  # not accepted for days; kept, shown and counted, and sent again when the partner replays


class DeliveryMove(StrEnum):
    """Every way a delivery changes its state, by name."""

    LEASE = "lease"
    ACCEPT = "accept"
    ACCEPT_LATE = "accept late"
    TRY_LATER = "try later"
    DELAY = "delay"
    GIVE_UP = "give up"
    REPLAY = "replay"


_S = DeliveryState
DELIVERY_MOVES: Final[Mapping[DeliveryMove, Mapping[DeliveryState, DeliveryState]]] = {
    DeliveryMove.LEASE: dict.fromkeys((_S.WAITING, _S.RETRYING, _S.LEASED), _S.LEASED),
    DeliveryMove.ACCEPT: {_S.LEASED: _S.ACCEPTED},
    DeliveryMove.ACCEPT_LATE: dict.fromkeys((_S.WAITING, _S.LEASED, _S.RETRYING, _S.GIVEN_UP), _S.ACCEPTED),
    DeliveryMove.TRY_LATER: {_S.LEASED: _S.RETRYING},
    DeliveryMove.DELAY: {_S.WAITING: _S.WAITING, _S.RETRYING: _S.RETRYING},
    DeliveryMove.GIVE_UP: dict.fromkeys((_S.WAITING, _S.RETRYING, _S.LEASED), _S.GIVEN_UP),
    DeliveryMove.REPLAY: dict.fromkeys((_S.RETRYING, _S.ACCEPTED, _S.GIVEN_UP), _S.WAITING),
}
"""From which state each move leads where. The diagram in the README is checked against this."""

OPEN: Final = (_S.WAITING, _S.LEASED, _S.RETRYING)
LEASED_FOR: Final = timedelta(seconds=60)
"""Four times what one call may take."""


def event_id(contact_id: UUID, kind: str, about: str) -> UUID:
    """An event's id follows from the contact and what happened: whichever message tells of it, and however often."""
    return uuid5(contact_id, f"webhook|{kind}|{about}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerEvent:
    """What happened, as a partner may know it: ids and words of state. ``occurred_at`` is business time.

    ``sequence`` counts a contact's events from 1, so that a receiver can put in order what came out of it.
    ``about`` names what a word alone does not say: which request, which challenge. A ping has no contact.
    """

    id: UUID
    kind: str
    occurred_at: datetime
    contact_id: UUID | None = None
    reference: str | None = None
    sequence: int = 0
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    correlation_id: UUID | None = None
    traceparent: str | None = None


@dataclass(slots=True, kw_only=True)
class WebhookDelivery:
    """One event to one webhook, and how far it has come. All times are real time."""

    event_id: UUID
    webhook_id: UUID
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    due_at: datetime | None = None
    lease_token: UUID | None = None
    reason: str | None = None
    settled_at: datetime | None = None

    def held_by(self, token: UUID) -> bool:
        """Whether the lease with this token still holds."""
        return self.state is DeliveryState.LEASED and self.lease_token == token

    def lease(self, token: UUID, now: datetime) -> int:
        """One worker takes it and spends an attempt, before the call is made. Returns the attempt's number."""
        self.state = DELIVERY_MOVES[DeliveryMove.LEASE][self.state]
        self.attempts += 1
        self.lease_token, self.due_at = token, now + LEASED_FOR
        return self.attempts

    def accepted(self, token: UUID, at: datetime) -> bool:
        """The receiver took it. That is a fact even where the lease was lost. False where it was known."""
        if self.state is DeliveryState.ACCEPTED:
            return False
        move = DeliveryMove.ACCEPT if self.held_by(token) else DeliveryMove.ACCEPT_LATE
        self._settle(DELIVERY_MOVES[move][self.state], at, None)
        return True

    def try_later(self, token: UUID, *, due_at: datetime, reason: str) -> bool:
        """It was not taken, for now. False where the lease was lost: the other sender's result counts."""
        if not self.held_by(token):
            return False
        self.state = DELIVERY_MOVES[DeliveryMove.TRY_LATER][self.state]
        self.reason, self.due_at, self.lease_token = reason, due_at, None
        return True

    def give_up(self, token: UUID, *, at: datetime, reason: str) -> bool:
        """It is not tried again unless the partner asks. False where the lease was lost."""
        if not self.held_by(token):
            return False
        self._settle(DELIVERY_MOVES[DeliveryMove.GIVE_UP][self.state], at, reason)
        return True

    def _settle(self, state: DeliveryState, at: datetime, reason: str | None) -> None:
        self.state, self.settled_at, self.reason = state, at, reason
        self.due_at = self.lease_token = None
