"""A message's states, the moves between them, and what it is for."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a message stands. There is no "failed": what cannot be sent needs a person."""

    WAITING = "waiting"  # to be sent at once
    LEASED = "leased"  # one worker is sending it now; after the lease another may
    RETRYING = "retrying"  # tried, and to be tried again at next_try_at
    HANDED_OVER = "handed_over"  # a provider has taken it and will say what came of it: no proof yet
    SENT = "sent"  # delivered: accepted by the recipient's own system, or so the provider's receipt says
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
    HAND_OVER = "hand over"
    CONFIRM = "confirm"
    BOUNCE = "bounce"
    GO_ROUND = "go round"
    CONTRADICT = "contradict"
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
    Move.HAND_OVER: {State.LEASED: State.HANDED_OVER},
    Move.CONFIRM: {State.HANDED_OVER: State.SENT},
    Move.BOUNCE: {State.HANDED_OVER: State.RETRYING},
    Move.GO_ROUND: {State.HANDED_OVER: State.RETRYING},
    Move.CONTRADICT: {State.SENT: State.NEEDS_PERSON},
    Move.TRY_LATER: {State.LEASED: State.RETRYING},
    Move.PUT_OFF: {State.LEASED: State.RETRYING},
    Move.GATHER: {State.WAITING: State.WAITING, State.RETRYING: State.RETRYING},
    Move.NEED_PERSON: dict.fromkeys(
        (State.WAITING, State.RETRYING, State.LEASED, State.HANDED_OVER), State.NEEDS_PERSON
    ),
    Move.RESEND: dict.fromkeys((State.RETRYING, State.NEEDS_PERSON), State.WAITING),
    Move.TELL: dict.fromkeys((*_OPEN, State.LEASED, State.HANDED_OVER), State.TOLD),
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
