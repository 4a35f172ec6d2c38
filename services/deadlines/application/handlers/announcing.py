"""What is said of a clock's transitions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.deadlines.application.ports import DeadlinesWork
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.deadline import BREACHES, Change, Deadline, Transition
from shared.contracts.deadlines import (
    Clock,
    DeadlineApproaching,
    DeadlineBreached,
    DeadlineCancelled,
    DeadlineEscalated,
    DeadlineMet,
    DeadlineSet,
)
from shared.contracts.envelope import Cause, EventData

_SET = frozenset({Transition.SET, Transition.RECOMPUTED, Transition.RESUMED})
_CANCELLED = frozenset({Transition.CANCELLED, Transition.CANCELLED_AGAIN, Transition.CANCELLED_BEFORE_MET})
_MET = frozenset(
    {Transition.MET, Transition.STOP_BEFORE_START, Transition.MET_AFTER_BREACH, Transition.MET_BEFORE_CANCELLED}
)


def announce_changes(
    work: DeadlinesWork, contact: Contact, changes: Iterable[Change], cause: Cause, *, suffix: str = ""
) -> None:
    """Says each transition, with the contact's next due time after all of them."""
    for change in changes:
        announce_change(work, contact, change, cause, discriminator=discriminator_of(change) + suffix)


def announce_change(work: DeadlinesWork, contact: Contact, change: Change, cause: Cause, *, discriminator: str) -> None:
    """Says one transition."""
    data = _data_of(change, contact.reference, contact.next_due_at)
    work.announce(data, contact_id=contact.contact_id, cause=cause, discriminator=discriminator)


def discriminator_of(change: Change) -> str:
    """What tells this from everything else said for the same cause: clock, epoch and step."""
    return f"{change.deadline.terms.id}|{change.deadline.epoch}|{step_of(change)}"


def step_of(change: Change) -> str:
    """The name of the step: a warning's share, an escalation's place, else what happened."""
    if change.escalation is not None:
        return f"escalated-{change.place}"
    return f"{change.step.share:g}" if change.step else "due" if change.transition in BREACHES else change.transition


def _data_of(change: Change, reference: str, next_due_at: datetime | None) -> EventData:
    clock = clock_of(change.deadline)
    if change.transition in _SET:
        return DeadlineSet(reference=reference, clock=clock, next_due_at=next_due_at)
    if change.step is not None:
        return DeadlineApproaching(
            reference=reference,
            clock=clock,
            step=step_of(change),
            share=change.step.share,
            late_seconds=change.late_seconds,
        )
    if change.escalation is not None:
        return DeadlineEscalated(
            reference=reference,
            clock=clock,
            rung=change.escalation.rung,
            step=step_of(change),
            breached_at=change.deadline.breached_at or clock.due_at,
            late_seconds=change.late_seconds,
        )
    if change.transition in BREACHES:
        return DeadlineBreached(
            reference=reference,
            clock=clock,
            breached_at=change.at,
            late_seconds=change.late_seconds,
            next_due_at=next_due_at,
        )
    if change.transition in _CANCELLED:
        return DeadlineCancelled(reference=reference, clock=clock, reason_code=change.reason, next_due_at=next_due_at)
    if change.transition not in _MET:  # a transition nobody has given a word is never taken for a met clock
        raise AssertionError(change.transition)
    in_time = change.deadline.in_time
    return DeadlineMet(reference=reference, clock=clock, met_at=change.at, in_time=in_time, next_due_at=next_due_at)


def clock_of(deadline: Deadline) -> Clock:
    """The clock as events show it."""
    terms = deadline.terms
    return Clock(
        deadline_id=terms.id,
        kind=terms.kind,
        epoch=deadline.epoch,
        subject_id=terms.subject_id,
        rating=terms.rating,
        starts_at=terms.starts_at,
        due_at=terms.due_at,
        basis=terms.basis,
        watched=terms.watched,
        pages=terms.pages,
        request_id=terms.item_id,
    )
