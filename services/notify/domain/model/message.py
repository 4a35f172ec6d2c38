"""One message to one person: its states, what each allows, and what late or repeated results do to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5


class State(StrEnum):
    """Where a message stands. There is no "failed": what cannot be sent needs a person."""

    WAITING = "waiting"  # to be sent at once
    LEASED = "leased"  # one worker is sending it now; after the lease another may
    RETRYING = "retrying"  # tried, and to be tried again at next_try_at
    SENT = "sent"  # a channel has accepted it: that is the proof
    NEEDS_PERSON = "needs_person"  # no machine can deliver it: somebody has to phone, or mend the address
    TOLD = "told"  # a member of staff attests that the person was told
    SUPERSEDED = "superseded"  # something newer says it, or there is no need any more; never sent


class Kind(StrEnum):
    """What a message is for, and so what its delivery proves."""

    ACKNOWLEDGEMENT = "acknowledgement"  # the referrer has our reference
    OUTCOME = "outcome"  # the referrer is told what was decided
    NOTICE = "notice"  # the referrer is told something else, with what is decided so far where the pack allows it
    QUESTION = "question"  # the referrer is asked for more
    ANSWER = "answer"  # a challenge is answered, with what stands now; it tells no new decision
    ALERT = "alert"  # a member of staff on duty is to look
    PARKED = "parked"  # a task only: an event could not be dealt with, a person must see whom it concerned


class Move(StrEnum):
    """Every way a message changes its state, by name."""

    ASK = "ask"
    LEASE = "lease"
    ACCEPT = "accept"
    ACCEPT_LATE = "accept late"
    TRY_LATER = "try later"
    PUT_OFF = "put off"
    GATHER = "gather"
    NEED_PERSON = "need person"
    RESEND = "resend"
    TELL = "tell"
    SUPERSEDE = "supersede"


_OPEN: Final = (State.WAITING, State.RETRYING, State.NEEDS_PERSON)

MOVES: Final[dict[Move, dict[State, State]]] = {
    Move.LEASE: dict.fromkeys((State.WAITING, State.RETRYING, State.LEASED), State.LEASED),
    Move.ACCEPT: {State.LEASED: State.SENT},
    Move.ACCEPT_LATE: dict.fromkeys((*_OPEN, State.LEASED), State.SENT),
    Move.TRY_LATER: {State.LEASED: State.RETRYING},
    Move.PUT_OFF: {State.LEASED: State.RETRYING},
    Move.GATHER: {State.WAITING: State.WAITING, State.RETRYING: State.RETRYING},
    Move.NEED_PERSON: dict.fromkeys((State.WAITING, State.RETRYING, State.LEASED), State.NEEDS_PERSON),
    Move.RESEND: dict.fromkeys((State.RETRYING, State.NEEDS_PERSON), State.WAITING),
    Move.TELL: dict.fromkeys((*_OPEN, State.LEASED), State.TOLD),
    Move.SUPERSEDE: dict.fromkeys((*_OPEN, State.LEASED), State.SUPERSEDED),
}
"""From which state each move leads where. The diagram in the README is checked against this."""

SETTLED: Final = frozenset({State.SENT, State.TOLD, State.SUPERSEDED})
LEASE: Final = timedelta(seconds=60)
"""Longer than finding the address and sending may take together, so that two rarely send the same message."""


class NotAllowed(Exception):
    """The message's state does not allow this move; ``allowed`` says which moves it does."""

    def __init__(self, move: Move, state: State) -> None:
        super().__init__(f"{move} is not allowed while {state}")
        self.code = f"{move.value.replace(' ', '_')}_not_allowed"
        self.state = state
        self.allowed = tuple(other.value for other, table in MOVES.items() if state in table)


def message_id(contact_id: UUID, what: str) -> UUID:
    """A message's id follows from whom and what it tells: no order and no repetition of events makes a second."""
    return uuid5(contact_id, f"message|{what}")


@dataclass(slots=True, kw_only=True)
class Message:
    """A message and how far it has come. ``created_at`` and ``settled_at`` are business time; leases and tries real.

    ``tells`` is the version of each subject's decision that it tells; empty where it tells none (yet). ``template`` is
    empty where only a person may tell it. ``codes`` are the pack's: what a question asks, or why a challenge was
    answered as ``result`` says. ``because`` is what an alert is grouped by; ``clocks`` are those that it is about and
    that have not ended, ``deadline_id`` the first of them.
    """

    id: UUID
    contact_id: UUID
    kind: Kind
    purpose: str
    template: str
    created_at: datetime
    correlation_id: UUID
    traceparent: str | None = None
    tells_outcome: bool = False
    tells: dict[UUID, int] = field(default_factory=dict)
    complete: bool = False
    codes: tuple[str, ...] = ()
    result: str | None = None
    state: State = State.WAITING
    reason: str | None = None
    attempts: int = 0
    resends: int = 0
    settled_at: datetime | None = None
    next_try_at: datetime | None = None
    lease_token: UUID | None = None
    lease_until: datetime | None = None
    channel: str | None = None
    masked_address: str | None = None
    address_mark: bytes | None = None
    rung: int | None = None
    because: str | None = None
    deadline_id: UUID | None = None
    clocks: tuple[UUID, ...] = ()
    paged_at: datetime | None = None
    gathered_until: datetime | None = None

    @property
    def to_referrer(self) -> bool:
        """Whether it goes to the referrer (and not to staff, or nowhere)."""
        return self.kind not in (Kind.ALERT, Kind.PARKED)

    @property
    def open(self) -> bool:
        """Whether the person still has to be told."""
        return self.state not in SETTLED

    def due(self, now: datetime) -> bool:
        """Whether it is to be sent now (real time): never tried, its time has come, or a lease has run out."""
        if self.state is State.LEASED:
            return self.lease_until is None or self.lease_until <= now
        return self.state in (State.WAITING, State.RETRYING) and (self.next_try_at is None or self.next_try_at <= now)

    def tell_what_is_known(self, versions: dict[UUID, int]) -> None:
        """Fixes which decisions a notice tells, when it first goes out; an outcome's were fixed when it was made. The
        answer to a challenge tells what stands each time it is tried.
        """
        first = self.kind is Kind.NOTICE and self.attempts == 0
        if self.tells_outcome and (first or self.kind is Kind.ANSWER):
            self.tells = dict(versions)

    def lease(self, token: UUID, now: datetime) -> None:
        """One worker takes it for LEASE; the token is its claim. Raises NotAllowed."""
        self._move(Move.LEASE)
        self.lease_token, self.lease_until, self.gathered_until = token, now + LEASE, None

    def gather(self, until: datetime) -> None:
        """An alert waits (business time) to go with others to the same recipient. Raises NotAllowed."""
        self._move(Move.GATHER)
        self.gathered_until = until

    def held_by(self, token: UUID) -> bool:
        """Whether the lease with this token still holds."""
        return self.state is State.LEASED and self.lease_token == token

    def attempt(self, token: UUID, *, channel: str, masked_address: str, address_mark: bytes) -> bool:
        """Spends an attempt, before the call is made. False where the lease was lost: then do not send."""
        if not self.held_by(token):
            return False
        self.attempts += 1
        self.channel, self.masked_address, self.address_mark = channel, masked_address, address_mark
        return True

    def accepted(self, token: UUID, at: datetime) -> bool:
        """A channel took it. True where this is the (one) proof; False where it had been settled before.

        An acceptance counts even when the lease was lost meanwhile: it is a fact. The other sender's result then comes
        to a settled message and changes nothing.
        """
        if self.state in SETTLED:
            return False
        self._move(Move.ACCEPT if self.held_by(token) else Move.ACCEPT_LATE)
        self._settle(at, None)
        return True

    def try_later(self, token: UUID, *, next_try_at: datetime, reason: str) -> bool:
        """The attempt failed for now. False where the lease was lost: the other sender's result counts."""
        return self._back(Move.TRY_LATER, token, next_try_at, reason)

    def put_off(self, token: UUID, *, next_try_at: datetime, reason: str) -> bool:
        """It could not even be tried (the address is not to be had now); no attempt is spent."""
        return self._back(Move.PUT_OFF, token, next_try_at, reason)

    def needs_person(self, reason: str, *, token: UUID | None = None) -> bool:
        """No machine can deliver it. False where another's lease or an earlier settlement says otherwise."""
        if self.state in SETTLED or self.state is State.NEEDS_PERSON:
            return False
        if self.state is State.LEASED and (token is None or not self.held_by(token)):
            return False
        self._move(Move.NEED_PERSON)
        self.reason = reason
        self._release(None)
        return True

    def resend(self) -> None:
        """A person asks for another round at once. Raises NotAllowed, also for what only a person may tell."""
        if not self.template:
            raise NotAllowed(Move.RESEND, self.state)
        self._move(Move.RESEND)
        self.reason = None
        self.resends += 1
        self._release(None)

    def told(self, at: datetime, how: str) -> None:
        """A member of staff attests that the person was told. Raises NotAllowed."""
        self._move(Move.TELL)
        self.channel = how
        self._settle(at, None)

    def supersede(self, at: datetime, reason: str, *, lease_over: bool = False) -> bool:
        """Something newer says it. False where it was settled, or is being sent just now (unless its lease is over)."""
        if self.state not in MOVES[Move.SUPERSEDE] or (self.state is State.LEASED and not lease_over):
            return False
        self._move(Move.SUPERSEDE)
        self._settle(at, reason)
        return True

    def _back(self, move: Move, token: UUID, next_try_at: datetime, reason: str) -> bool:
        if not self.held_by(token):
            return False
        self._move(move)
        self.reason = reason
        self._release(next_try_at)
        return True

    def _move(self, move: Move) -> None:
        target = MOVES[move].get(self.state)
        if target is None:
            raise NotAllowed(move, self.state)
        self.state = target

    def _release(self, next_try_at: datetime | None) -> None:
        self.next_try_at = next_try_at
        self.lease_token = self.lease_until = None

    def _settle(self, at: datetime, reason: str | None) -> None:
        self.settled_at, self.reason = at, reason
        self._release(None)
