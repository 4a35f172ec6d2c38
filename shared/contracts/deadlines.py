"""What deadlines says."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from .envelope import EventData, Moment, Part


class Clock(Part):
    """Which clock: its kind is the policy pack's; ``epoch`` counts recomputations of the same clock from 1.

    ``request_id`` is the check (ChecksRequested.check_id) or the challenge whose answer it waits for.
    """

    deadline_id: UUID
    kind: str
    epoch: int
    subject_id: UUID | None
    rating: str | None
    starts_at: Moment
    due_at: Moment
    basis: str
    watched: bool = True
    pages: bool = False
    request_id: UUID | None = None


class DeadlineSet(EventData):
    """A clock runs, or was recomputed (a higher epoch). ``next_due_at`` is the next due time of all the contact's."""

    producer: ClassVar[str] = "deadlines"

    reference: str
    clock: Clock
    next_due_at: Moment | None


class DeadlineApproaching(EventData):
    """A warning step was reached: ``share`` of the time between start and due has gone."""

    producer: ClassVar[str] = "deadlines"

    reference: str
    clock: Clock
    step: str
    share: float
    late_seconds: float = 0


class DeadlineMet(EventData):
    """What the clock waits for has happened; ``in_time`` is false when it had been breached before."""

    producer: ClassVar[str] = "deadlines"

    reference: str
    clock: Clock
    met_at: Moment
    in_time: bool
    next_due_at: Moment | None


class DeadlineBreached(EventData):
    """The due time passed without it. Never undone. ``late_seconds`` is how long after the due time we found out."""

    producer: ClassVar[str] = "deadlines"

    reference: str
    clock: Clock
    breached_at: Moment
    late_seconds: float
    next_due_at: Moment | None


class DeadlineEscalated(EventData):
    """Breached and still not met: the next ``rung`` of the ladder is due (0 is the duty worker, told at the breach).

    ``step`` names the escalation within its clock; ``late_seconds`` is how long after its own moment it was found.
    """

    producer: ClassVar[str] = "deadlines"

    reference: str
    clock: Clock
    rung: int
    step: str
    breached_at: Moment
    late_seconds: float = 0


class DeadlineCancelled(EventData):
    """The clock no longer applies, with the reason code."""

    producer: ClassVar[str] = "deadlines"

    reference: str
    clock: Clock
    reason_code: str
    next_due_at: Moment | None
