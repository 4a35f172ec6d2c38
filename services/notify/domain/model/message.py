"""One message to one person: what happens to it, and what late or repeated results do to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from .states import LEASE, MOVES, SETTLED, Kind, Move, NotAllowed, State


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

    ``ways`` are the channels that reach the recipient here, ``refused`` those that never will, ``since`` when this
    round of tries began (None: when it was made). ``provider_id`` is the newest attempt's name at a provider that
    passes messages on, asked after at ``poll_at`` (real time). ``proved_at``: its proof has been said.
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
    ways: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    since: datetime | None = None
    provider_id: str | None = None
    poll_at: datetime | None = None
    proved_at: datetime | None = None

    @property
    def to_referrer(self) -> bool:
        """Whether it goes to the referrer (and not to staff, or nowhere)."""
        return self.kind not in (Kind.ALERT, Kind.PARKED)

    @property
    def open(self) -> bool:
        """Whether the person still has to be told."""
        return self.state not in SETTLED

    @property
    def began_at(self) -> datetime:
        """When this round of tries began (business time): a person who has it sent again begins a new one."""
        return self.since or self.created_at

    def age(self, now: datetime) -> timedelta:
        """For how long this round of tries has gone on (business time)."""
        return now - self.began_at

    def due(self, now: datetime) -> bool:
        """Whether it is to be sent now (real time): never tried, its time has come, or a lease has run out."""
        if self.state is State.LEASED:
            return self.lease_until is None or self.lease_until <= now
        return self.state in (State.WAITING, State.RETRYING) and (self.next_try_at is None or self.next_try_at <= now)

    def tell_what_is_known(self, versions: dict[UUID, int]) -> None:
        """A notice, and the answer to a challenge, tell what stands each time they are tried; what an outcome tells was
        fixed when it was made.
        """
        if self.tells_outcome and self.kind in (Kind.NOTICE, Kind.ANSWER):
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

    def attempt(
        self, token: UUID, *, channel: str, ways: tuple[str, ...], masked_address: str, address_mark: bytes
    ) -> bool:
        """Spends an attempt, before the call is made. False where the lease was lost: then do not send."""
        if not self.held_by(token):
            return False
        self.attempts += 1
        self.channel, self.masked_address, self.address_mark = channel, masked_address, address_mark
        self.ways, self.provider_id = ways, None  # what an earlier attempt was called is history
        return True

    def accepted(self, token: UUID | None, at: datetime) -> bool:
        """A channel took it, or (``token`` None) a receipt says that it arrived. True where this is the (one) proof;
        False where it had been settled or proved before.

        An acceptance counts even when the lease was lost meanwhile: it is a fact. The other sender's result then comes
        to a settled message and changes nothing.
        """
        if self.state in SETTLED:
            return False
        if self.state is State.HANDED_OVER:
            self._move(Move.CONFIRM)
        else:
            self._move(Move.ACCEPT if token and self.held_by(token) else Move.ACCEPT_LATE)
        self._settle(at, None)
        return self._prove(at)

    def hand_over(self, token: UUID, *, provider_id: str, poll_at: datetime, otherwise_at: datetime | None) -> bool:
        """A provider took it and says what came of it; ``otherwise_at`` it goes round. False: the lease was lost."""
        if not self.held_by(token):
            return False
        self._move(Move.HAND_OVER)
        self.reason = None
        self._release(otherwise_at)
        self.provider_id, self.poll_at = provider_id, poll_at
        return True

    def bounce(self, *, next_try_at: datetime, reason: str) -> None:
        """The provider could not deliver what it had taken: it is tried again. Raises NotAllowed."""
        self._move(Move.BOUNCE)
        self.reason = reason
        self._release(next_try_at)

    def go_round(self) -> None:
        """No receipt has come for too long: another channel, or the team, is tried at once. Raises NotAllowed."""
        self._move(Move.GO_ROUND)
        self.reason = "no_receipt"
        self._release(None)

    def contradict(self, reason: str) -> None:
        """After its proof the provider says that it did not arrive: what was said stays said, a person sees to it.

        Raises NotAllowed.
        """
        self._move(Move.CONTRADICT)
        self.reason, self.settled_at = reason, None
        self.resends += 1  # another round: a person is asked anew
        self._release(None)

    def refuse(self, channel: str) -> None:
        """Notes that this channel will never take it."""
        if channel not in self.refused:
            self.refused = (*self.refused, channel)

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

    def resend(self, at: datetime) -> None:
        """A person asks for another round at once (business time). Raises NotAllowed, also for what only a person may
        tell.
        """
        if not self.template:
            raise NotAllowed(Move.RESEND, self.state)
        self._move(Move.RESEND)
        self.reason, self.since, self.refused = None, at, ()
        self.resends += 1
        self._release(None)

    def told(self, at: datetime, how: str) -> bool:
        """A member of staff attests that the person was told. True where this is the (one) proof. Raises NotAllowed."""
        self._move(Move.TELL)
        self.channel = how
        self._settle(at, None)
        return self._prove(at)

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
        self.lease_token = self.lease_until = self.poll_at = None

    def _prove(self, at: datetime) -> bool:
        first = self.proved_at is None
        self.proved_at = self.proved_at or at
        return first

    def _settle(self, at: datetime, reason: str | None) -> None:
        self.settled_at, self.reason = at, reason
        self._release(None)
