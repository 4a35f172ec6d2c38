"""What a clock runs by: when it starts, is due, warns and is escalated, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Step:
    """A warning step: a share of the time, and when it has gone."""

    share: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """A step after the breach: which rung of the ladder hears of it, and when, if it is still not met."""

    rung: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a clock no longer runs: met by, or cancelled by, something that happened ``at``; ``reason`` is a code."""

    met: bool
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a clock runs by: the facts' and the pack's answer, the same for the same facts in any order."""

    id: UUID
    kind: str
    subject_id: UUID | None
    item_id: UUID | None
    agency: str | None
    starts_at: datetime
    due_at: datetime
    beside_due_at: datetime | None
    steps: tuple[Step, ...]
    escalations: tuple[Escalation, ...]
    basis: str
    calendar: str
    policy: str
    rating: str | None
    urgency: int
    pages: bool
    watched: bool
    because: str
    ending: Ending | None
