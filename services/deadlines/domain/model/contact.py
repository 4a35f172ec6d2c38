"""A contact as this service knows it: what was heard of it, and its clocks. It decides which of them change."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from uuid import UUID

from services.deadlines.domain.policy.links import still_holding
from services.deadlines.domain.policy.rulebook import Rulebook
from services.deadlines.domain.policy.stock import take_stock
from services.deadlines.domain.policy.terms import Standing, terms_for

from .deadline import BREACHES, LIVE, Change, Deadline, Ending, State, Terms, Transition
from .occurrence import PARKED, RECEIVED, Occurrence, occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """When a contact came and from whom, without anything that identifies a person.

    ``by_owner`` is true where the service that owns these facts has said them itself: a copy never replaces those.
    """

    reference: str
    received_at: datetime
    accepted_at: datetime
    referrer_kind: str
    has_address: bool
    organisation_id: str | None
    by_owner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An entry of the ledger: one clock, breached once. ``stage`` is how far the contact was."""

    deadline: Deadline
    late_seconds: float
    stage: str


@dataclass(slots=True, kw_only=True)
class Contact:
    """All that decides a contact's clocks, and the clocks."""

    contact_id: UUID
    reference: str = ""
    receipt: Receipt | None = None
    subject_ids: list[UUID] = field(default_factory=list[UUID])
    policy: str | None = None
    calendar: str = ""
    """The version of the calendar by which its clocks were last brought to what is known."""
    rating: str | None = None
    rating_version: int = 0
    stage: str = "received"
    """How far it is, from what was heard: received, rated, opened, decided, informed, closed."""
    decided_at: datetime | None = None
    """When the last of its subjects was decided; None again where it was reopened or rated higher since."""
    informed_at: datetime | None = None
    """When the referrer had been told of every subject's decision."""
    closed_at: datetime | None = None
    """When the front door's work was done; None again once it is reopened."""
    linked_at: datetime | None = None
    """Since when it is a duplicate whose work is done on another contact; None while it is not."""
    team: str | None = None
    """Whose it is: the team it was last assigned to."""
    occurrences: dict[UUID, Occurrence] = field(default_factory=dict[UUID, Occurrence])
    deadlines: dict[UUID, Deadline] = field(default_factory=dict[UUID, Deadline])
    touched: set[UUID] = field(default_factory=set[UUID])
    """Clocks and occurrences that are new or changed since they were loaded."""
    breaches: list[Breach] = field(default_factory=list[Breach])
    """Breaches found since it was loaded."""

    def take_receipt(self, receipt: Receipt, subject_ids: Iterable[UUID]) -> None:
        """Whichever event comes first tells of the receipt; the owner's word replaces a copy."""
        if self.receipt is None or receipt.by_owner or not self.receipt.by_owner:
            self.receipt = receipt
            self.reference = receipt.reference
        self.subject_ids += [subject_id for subject_id in subject_ids if subject_id not in self.subject_ids]

    def take_rating(self, version: int, rating: str, policy: str) -> None:
        """The contact's rating and the policy it was made with; an older version changes nothing."""
        if version >= self.rating_version:
            self.rating_version, self.rating, self.policy = version, rating, policy

    def remember(self, happened: Iterable[Occurrence]) -> None:
        """Keeps what happened; what is known already stays as it was first told."""
        for one in happened:
            if one.id not in self.occurrences:
                self.occurrences[one.id] = one
                self.touched.add(one.id)

    def void_replayed(self, event_id: UUID, now: datetime) -> bool:
        """What was parked has been applied after all, or given up: it no longer counts as unknown. True where it did
        until now.
        """
        parked = occurrence(self.contact_id, PARKED, key=str(event_id), occurred_at=now).id
        if parked not in self.occurrences or self.occurrences[parked].voided_at is not None:
            return False
        self.occurrences[parked] = replace(self.occurrences[parked], voided_at=now)
        self.touched.add(parked)
        return True

    def void_parked(self, producers: frozenset[str], now: datetime) -> None:
        """A parked event has been dealt with, or what it would have said is known: it no longer counts."""
        for one in list(self.occurrences.values()):
            if one.event == PARKED and one.voided_at is None and one.attributes.get("producer") in producers:
                self.occurrences[one.id] = replace(one, voided_at=now)
                self.touched.add(one.id)

    def settle(
        self, rulebook: Rulebook, now: datetime, correlation_id: UUID, *, past_calendar_skipped: bool = False
    ) -> list[Change]:
        """Brings the clocks to what is known; returns their transitions, in order.

        Raises CalendarEnds where a clock is due past the calendar's data (see ``terms_for``).
        """
        self.calendar = rulebook.calendar.ref
        happened = still_holding(list(self.occurrences.values()))
        self._take_stock(rulebook, happened)
        standing = Standing(
            contact_id=self.contact_id,
            received=self._received(),
            subject_ids=self.subject_ids,
            occurrences=happened,
        )
        wanted = terms_for(rulebook, standing, past_calendar_skipped=past_calendar_skipped)
        changes: list[Change] = []
        for terms in wanted.values():
            changes += self._follow(terms, now, correlation_id, rulebook)
        for deadline_id, deadline in self.deadlines.items():
            if deadline_id not in wanted and not past_calendar_skipped:
                changes += self._noted(deadline, deadline.cancel(Ending(met=False, at=now, reason="superseded"), now))
        return changes

    def _follow(self, terms: Terms, now: datetime, correlation_id: UUID, rulebook: Rulebook) -> Iterator[Change]:
        deadline = self.deadlines.get(terms.id)
        if deadline is not None:
            yield from self._noted(deadline, _one_by_one(deadline, terms, now, rulebook))
            return
        deadline = Deadline(
            terms=terms,
            contact_id=self.contact_id,
            correlation_id=correlation_id,
            state=State.RUNNING if terms.watched else State.NOT_WATCHED,
            set_at=now,
        )
        self.deadlines[terms.id] = deadline
        self.touched.add(terms.id)
        yield Change(transition=Transition.SET, deadline=deadline, at=now)
        yield from self._noted(deadline, deadline.follow(terms, now, born=True))

    def fire(self, now: datetime, unwatched: Container[str] = ()) -> list[Change]:
        """Every due step of every clock, once, the most urgent first. Clocks of kinds that are not watched (any more)
        do not fire: nothing can have told us that they were met.
        """
        fired: list[Change] = []
        for deadline in self.deadlines.values():
            steps = deadline.unwatch(now) if deadline.terms.kind in unwatched else iter(())
            fired += self._noted(deadline, chain(steps, deadline.fire(now)))
        return sorted(fired, key=_most_urgent_first)

    def _noted(self, deadline: Deadline, changes: Iterable[Change]) -> Iterator[Change]:
        before = _kept(deadline)
        for change in changes:
            self.touched.add(deadline.terms.id)
            if change.transition in BREACHES:
                self.breaches.append(Breach(deadline=deadline, late_seconds=change.late_seconds, stage=self.stage))
            yield change
        if _kept(deadline) != before:
            self.touched.add(deadline.terms.id)

    def _received(self) -> Occurrence | None:
        """The receipt is implied by whatever event comes first: each carries it."""
        if self.receipt is None:
            return None
        return occurrence(
            self.contact_id,
            RECEIVED,
            occurred_at=self.receipt.received_at,
            attributes={"referrer_kind": self.receipt.referrer_kind, "has_address": self.receipt.has_address},
        )

    @property
    def next_due_at(self) -> datetime | None:
        """The earliest due time still waited for. A missed one stays in front: nothing late drops out of sight."""
        return min((one.terms.due_at for one in self.deadlines.values() if one.state in LIVE), default=None)

    @property
    def next_fire_at(self) -> datetime | None:
        """When the firing loop has something to do here."""
        return min((one.next_fire_at for one in self.deadlines.values() if one.next_fire_at), default=None)

    @property
    def urgency(self) -> int:
        """The greatest of its live clocks', 0 without any."""
        return max((one.terms.urgency for one in self.deadlines.values() if one.state in LIVE), default=0)

    @property
    def live_clocks(self) -> int:
        """How many clocks still wait for something."""
        return sum(one.state in LIVE for one in self.deadlines.values())

    def _take_stock(self, rulebook: Rulebook, happened: Sequence[Occurrence]) -> None:
        stock = take_stock(rulebook, happened)
        self.stage, self.team, self.linked_at = stock.stage, stock.team, stock.linked_at
        self.decided_at, self.informed_at, self.closed_at = stock.decided_at, stock.informed_at, stock.closed_at


def _one_by_one(deadline: Deadline, terms: Terms, now: datetime, rulebook: Rulebook) -> Iterator[Change]:
    """Follows each version of the calendar that came into force meanwhile; of several computations the last is said."""
    changes = [
        change
        for said, since in rulebook.in_turn(terms, deadline.terms)
        for change in deadline.follow(said, now, calendar_since=since)
    ]
    computed = [place for place, change in enumerate(changes) if change.transition is Transition.RECOMPUTED]
    yield from (change for place, change in enumerate(changes) if place not in computed[:-1])


def _kept(deadline: Deadline) -> tuple[object, ...]:
    """What may change without a transition."""
    return (id(deadline.terms), deadline.met_at, deadline.cancelled_at, deadline.reason)


def _most_urgent_first(change: Change) -> tuple[int, int, float, datetime, str]:
    """Breaches, then what is escalated (the highest rung first), then warnings (the greatest share first)."""
    terms, escalation = change.deadline.terms, change.escalation
    which = 0 if change.transition in BREACHES else 1 if escalation else 2
    size = float(escalation.rung) if escalation else change.step.share if change.step else 0.0
    return (which, -terms.urgency, -size, change.at, str(terms.id))
