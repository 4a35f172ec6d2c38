"""One clock: its states, what each allows, and the named transitions between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from .clock_states import AWAITED, BREACHES, LIVE, State, Transition
from .clock_terms import Ending, Escalation, Step, Terms

PAST = timedelta(microseconds=1)
"""Done at the due instant is in time: the breach is the first moment after it."""
DOWNTIME = timedelta(minutes=1)
"""A breach found later than this was found after downtime, and says so."""

__all__ = ["BREACHES", "LIVE", "Change", "Deadline", "Ending", "State", "Terms", "Transition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One transition of one clock. ``late_seconds`` is how long after its moment a fired one was found."""

    transition: Transition
    deadline: Deadline
    at: datetime
    late_seconds: float = 0.0
    step: Step | None = None
    escalation: Escalation | None = None
    place: int = 0
    """Of an escalation: which of the clock's it is, from 1."""
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Deadline:
    """A clock of a contact, of one of its subjects, or of one request. ``epoch`` counts its computations from 1."""

    terms: Terms
    contact_id: UUID
    correlation_id: UUID
    epoch: int = 1
    state: State = State.RUNNING
    warned: int = 0
    escalated: int = 0
    """How many of its escalations have been said."""
    set_at: datetime
    breached_at: datetime | None = None
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str = Transition.SET.value
    """The last transition's name or, where it was cancelled, why."""

    @property
    def next_fire_at(self) -> datetime | None:
        """When the firing loop must look at it again: its next warning, the first moment of its breach, or after that
        its next escalation.
        """
        if self.state is State.BREACHED and self.terms.watched:
            return next((one.at for one in self.terms.escalations[self.escalated :]), None)
        if self.state is not State.RUNNING:
            return None
        breach = self.terms.due_at + PAST
        return min(self.terms.steps[self.warned].at, breach) if self.warned < len(self.terms.steps) else breach

    @property
    def in_time(self) -> bool:
        """True while it has never been breached."""
        return self.breached_at is None

    def fire(self, now: datetime) -> Iterator[Change]:
        """Every step whose moment has come, the most urgent first: the breach, the highest rung, the greatest share."""
        if self.state is State.BREACHED and self.terms.watched:
            yield from self._escalate(now)
        if self.state is not State.RUNNING:
            return
        passed = [step for step in self.terms.steps[self.warned :] if step.at <= now]
        self.warned += len(passed)
        if now > self.terms.due_at:
            yield self._breach(now)
            yield from self._escalate(now)
        for step in reversed(passed):
            late = (now - step.at).total_seconds()
            yield Change(transition=Transition.APPROACHING, deadline=self, at=step.at, late_seconds=late, step=step)

    def _escalate(self, now: datetime) -> Iterator[Change]:
        """Its escalations whose moment has come, the last first; once it is met or cancelled none fires any more."""
        due = [one for one in enumerate(self.terms.escalations, 1) if one[0] > self.escalated and one[1].at <= now]
        self.escalated += len(due)
        for place, one in reversed(due):
            late = (now - one.at).total_seconds()
            yield Change(
                transition=Transition.ESCALATED,
                deadline=self,
                at=one.at,
                late_seconds=late,
                escalation=one,
                place=place,
            )

    def follow(
        self, terms: Terms, now: datetime, *, born: bool = False, calendar_since: datetime | None = None
    ) -> Iterator[Change]:
        """Brings the clock to what the facts now say. A breach already made is never undone.

        ``calendar_since`` is when the calendar of the terms came into force: a due time that it had taken away before
        that time came was never missed, whenever we hear of it.
        """
        yield from self._take_terms(terms, now, calendar_since)
        ending = terms.ending
        if ending is None:
            if self.state in {State.CANCELLED, State.MET}:
                yield self._resume(now)
        elif ending.met:
            yield from self._meet(ending, now, born=born)
        elif self.state in AWAITED:
            yield from self.cancel(ending, now)
        elif self.state is State.CANCELLED:
            yield from self._cancel_again(ending, now)
        elif self.met_at is not None and ending.at < self.met_at:
            yield self._cancelled(ending, Transition.CANCELLED_BEFORE_MET)

    def cancel(self, ending: Ending, now: datetime) -> Iterator[Change]:
        """Ends it without its being met; refuses nothing: what is over stays as it is."""
        if self.state not in AWAITED:
            return
        if self.state is State.RUNNING and ending.at > self.terms.due_at:
            yield self._breach(now)
        yield self._cancelled(ending, Transition.CANCELLED)

    def _cancel_again(self, ending: Ending, now: datetime) -> Iterator[Change]:
        """The cancellation that counts is another than the one heard of: where it came later, the clock had run."""
        if self.cancelled_at is None or ending.at <= self.cancelled_at:
            self.cancelled_at, self.reason = ending.at, ending.reason
            return
        yield from self._breach_if_missed(ending, now)
        yield self._cancelled(ending, Transition.CANCELLED_AGAIN)

    def _breach_if_missed(self, ending: Ending, now: datetime) -> Iterator[Change]:
        if self.terms.watched and self.breached_at is None and ending.at > self.terms.due_at:
            yield self._breach(now)

    def _take_terms(self, terms: Terms, now: datetime, calendar_since: datetime | None) -> Iterator[Change]:
        if terms.watched != (watched := self._watched_by(terms, now)):
            terms = replace(terms, watched=watched)
        switched = terms.watched != self.terms.watched and self.state in {State.RUNNING, State.NOT_WATCHED}
        moved = (terms.starts_at, terms.due_at) != (self.terms.starts_at, self.terms.due_at) or switched
        resumes = self.state is State.MET and terms.ending is None
        if not moved or not (resumes or self.state in {State.RUNNING, State.NOT_WATCHED, State.CANCELLED}):
            self._relabel(terms)
            return
        in_time = terms.ending is not None and terms.ending.met and terms.ending.at <= self.terms.due_at
        excused = in_time or self._taken_away(terms, calendar_since) or not terms.watched
        if self.state is State.RUNNING and now > self.terms.due_at and not excused:
            self._relabel(terms)
            yield self._breach(now)
            return
        self.terms = terms
        if self.state not in {State.CANCELLED, State.MET}:
            self.state = State.RUNNING if terms.watched else State.NOT_WATCHED
            self._next_epoch(now)
            self.reason = Transition.RECOMPUTED.value
            yield Change(transition=Transition.RECOMPUTED, deadline=self, at=now)

    def _watched_by(self, terms: Terms, now: datetime) -> bool:
        """Whether it is watched from now on. What was not watched and is due already stays so: nobody could have seen
        it met in time. What has ended is judged as it was watched until then.
        """
        if terms.ending is not None:
            return self.terms.watched
        return terms.watched and (self.terms.watched or now <= terms.due_at)

    def unwatch(self, now: datetime) -> Iterator[Change]:
        """Nothing tells us any more when it is met: it is shown, and not called missed."""
        if self.state is State.RUNNING and self.terms.watched:
            yield from self._take_terms(replace(self.terms, watched=False, ending=None), now, None)

    def _taken_away(self, terms: Terms, calendar_since: datetime | None) -> bool:
        """True where another calendar, in force before the due time came, had moved it."""
        only_calendar = terms.starts_at == self.terms.starts_at and terms.calendar != self.terms.calendar
        return only_calendar and calendar_since is not None and calendar_since <= self.terms.due_at

    def _relabel(self, terms: Terms) -> None:
        """Takes over what may change without a new computation: the rating it is shown under and, while it waits for
        the same due time, its steps and the calendar they were computed by.
        """
        names = ["rating", "urgency"]
        if self.state in AWAITED and (terms.starts_at, terms.due_at) == (self.terms.starts_at, self.terms.due_at):
            names += ["calendar", "steps", "escalations"]
        if self.state in {State.CANCELLED, State.MET}:
            names.append("watched")
        if any(getattr(terms, name) != getattr(self.terms, name) for name in names):
            self.terms = replace(self.terms, **{name: getattr(terms, name) for name in names})

    def _next_epoch(self, now: datetime) -> None:
        self.epoch += 1
        # A step that has been said once is said again only where it now lies ahead.
        self.warned = sum(1 for step in self.terms.steps[: self.warned] if step.at <= now)
        self.escalated = sum(1 for one in self.terms.escalations[: self.escalated] if one.at <= now)

    def _resume(self, now: datetime) -> Change:
        self._next_epoch(now)
        self.cancelled_at = self.met_at = None
        awaited = State.RUNNING if self.terms.watched else State.NOT_WATCHED
        self.state = State.BREACHED if self.breached_at else awaited
        self.reason = Transition.RESUMED.value
        return Change(transition=Transition.RESUMED, deadline=self, at=now)

    def _meet(self, ending: Ending, now: datetime, *, born: bool) -> Iterator[Change]:
        if self.state is State.MET:
            yield from self._meet_otherwise(ending, now)
            return
        cancelled = self.state is State.CANCELLED
        yield from self._breach_if_missed(ending, now)
        transition = Transition.MET if self.breached_at is None else Transition.MET_AFTER_BREACH
        if cancelled:
            transition = Transition.MET_BEFORE_CANCELLED
        elif born:
            transition = Transition.STOP_BEFORE_START
        self.state, self.met_at, self.cancelled_at, self.reason = State.MET, ending.at, None, transition.value
        yield Change(transition=transition, deadline=self, at=ending.at)

    def _meet_otherwise(self, ending: Ending, now: datetime) -> Iterator[Change]:
        """The stop that counts is another than the one heard of first; where it came too late, that is a breach."""
        missed = list(self._breach_if_missed(ending, now))
        self.state, self.met_at = State.MET, ending.at
        if missed:
            self.reason = Transition.MET_AFTER_BREACH.value
            yield from missed
            yield Change(transition=Transition.MET_AFTER_BREACH, deadline=self, at=ending.at)

    def _cancelled(self, ending: Ending, transition: Transition) -> Change:
        self.state, self.cancelled_at, self.met_at, self.reason = State.CANCELLED, ending.at, None, ending.reason
        return Change(transition=transition, deadline=self, at=ending.at, reason=ending.reason)

    def _breach(self, now: datetime) -> Change:
        late = now - self.terms.due_at
        found_late = late > DOWNTIME
        transition = Transition.BREACH_FOUND_AFTER_DOWNTIME if found_late else Transition.BREACHED
        self.state, self.breached_at, self.reason = State.BREACHED, self.terms.due_at, transition.value
        return Change(
            transition=transition, deadline=self, at=self.terms.due_at, late_seconds=max(0.0, late.total_seconds())
        )
