"""What this service does of itself: firing what is due."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid5

from services.deadlines.application.handlers.announcing import announce_change, step_of
from services.deadlines.application.ports import FiringWork
from services.deadlines.domain.model.deadline import Change
from shared.contracts.envelope import Cause


@dataclass(frozen=True, slots=True)
class Fired:
    """One step that fired: the clock's kind, and how late, for the measurement."""

    kind: str
    late_seconds: float


async def fire_due_clocks(work: FiringWork, *, most: int) -> tuple[int, list[Fired]]:
    """Fires every due step of up to ``most`` contacts; returns how many contacts were claimed, and what fired."""
    claimed = await work.claim_due(most)
    fired: list[Fired] = []
    for contact in claimed:
        for change in contact.fire(work.now):
            announce_change(work, contact, change, _cause_of(change), discriminator="")
            fired.append(Fired(change.deadline.terms.kind, change.late_seconds))
    return len(claimed), fired


def _cause_of(change: Change) -> Cause:
    """A fired step says the same ids whoever fires it, however often it is tried."""
    deadline = change.deadline
    cause = uuid5(deadline.terms.id, f"{deadline.epoch}|{step_of(change)}")
    return Cause(id=cause, correlation_id=deadline.correlation_id)
