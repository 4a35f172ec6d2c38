"""What a case takes from deadlines and notify. None of it moves the ETag, except that the referrer now knows all.

Each function is written for a late or repeated message: where it says nothing new, nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from .case import Case
from .records import Attention, Echo, Signed
from .stages import SETTLED, Move


def hear_clock(case: Case, *, reference: str, kind: str) -> None:
    """The deadlines service speaks of a clock of this kind: the echo of what we had said."""
    case.known_as(reference)
    case.clocks_heard.add(kind)
    case.clocks_awaited.discard(kind)
    case.changed = True
    if not case.clocks_awaited:
        case.echoes[Echo.CLOCKS] = False


def hear_waiting(case: Case, clock_id: UUID, *, kind: str, due_at: datetime | None) -> None:
    """The clock waits until ``due_at``; None: no longer. One that was missed still waits."""
    if due_at is None:
        case.clocks.pop(clock_id, None)
    else:
        case.clocks[clock_id] = (kind, due_at)
    case.changed = True


def hear_next_due(case: Case, next_due_at: datetime | None) -> None:
    """When the contact's next clock is due, as deadlines last said."""
    case.next_due_at = next_due_at
    case.changed = True


def hear_breach(case: Case) -> None:
    """One more clock has been missed; that is never undone."""
    case.breached += 1
    case.changed = True


def hear_acknowledged(case: Case, *, reference: str, message_id: UUID, at: datetime) -> None:
    """The referrer has our reference."""
    case.known_as(reference)
    case.acknowledged_at = min(at, case.acknowledged_at or at)
    case.undelivered.pop(message_id, None)
    case.changed = True


def hear_informed(
    case: Case,
    *,
    reference: str,
    message_id: UUID,
    decisions: Mapping[UUID, int],
    complete: bool,
    signed: Signed,
) -> None:
    """The referrer was told these decisions, with proof; the case is informed once none is missing.

    ``complete`` (the message told every subject's decision) settles whatever could not be delivered before.
    """
    case.known_as(reference)
    case.undelivered.pop(message_id, None)
    if complete:
        case.undelivered.clear()
    for subject_id, version in decisions.items():
        case.told[subject_id] = max(version, case.told.get(subject_id, 0))
    case.move(Move.INFORM)
    if not case.told_of_all():
        return
    case.stop_waiting_for_informing()
    if case.stage in SETTLED:
        before = case.stage
        case.move(Move.INFORM_OF_ALL)
        if case.stage is not before:
            case.record(signed, "informed")


def hear_undelivered(case: Case, *, reference: str, message_id: UUID, purpose: str, tells_outcome: bool) -> None:
    """A message could not be delivered: a person must act. One about the outcome is the echo of our decisions."""
    case.known_as(reference)
    case.undelivered[message_id] = purpose
    case.changed = True
    if tells_outcome:
        case.stop_waiting_for_informing()


def hear_of_parked(case: Case) -> None:
    """An event about this case could not be dealt with: somebody must know."""
    case.ask_for_attention(Attention.PARKED)
