"""What the hub gathers a case with: checks of agencies, questions to the referrer, assignments. Free text is sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Answer(StrEnum):
    """How an agency's check ended."""

    INFORMATION = "information"
    """It told something."""
    NOTHING_KNOWN = "nothing_known"
    """It looked, and knows nothing of them."""
    REFUSED = "refused"
    """It will not share."""
    NO_LONGER_NEEDED = "no_longer_needed"
    """The hub takes the question back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswer:
    """One answer. ``words`` is sealed: what was told, who answered for the agency, why sharing it was right."""

    id: UUID
    answer: Answer
    answered_at: datetime
    words: bytes
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """The agency was reminded."""

    id: UUID
    chased_at: datetime
    how: str
    recorded_by: str
    recorded_at: datetime


@dataclass(slots=True, kw_only=True)
class Check:
    """One agency is asked what it knows of some subjects. ``words`` is sealed: what is asked, why of each subject.

    The first answer settles it; whatever is said later is kept beside it. ``due_at`` is deadlines' word.
    """

    id: UUID
    agency: str
    subject_ids: tuple[UUID, ...]
    rating: str
    requested_at: datetime
    requested_by: str
    words: bytes
    due_at: datetime | None = None
    answers: list[CheckAnswer] = field(default_factory=list[CheckAnswer])
    chases: list[Chase] = field(default_factory=list[Chase])
    kept_answers: int = 0
    kept_chases: int = 0
    """How many of them the database has: the rest are new."""
    changed: bool = True

    @property
    def open(self) -> bool:
        """Nobody has answered it."""
        return not self.answers

    def late_by(self, now: datetime) -> timedelta | None:
        """How long after its due time it was answered or, while it is open, that ``now`` is; None where it is not."""
        until = self.answers[0].answered_at if self.answers else now
        return until - self.due_at if self.due_at is not None and until > self.due_at else None


@dataclass(slots=True, kw_only=True)
class InformationRequest:
    """The referrer is asked these questions of the pack; open until the answer comes."""

    id: UUID
    question_codes: tuple[str, ...]
    requested_at: datetime
    requested_by: str
    answered_at: datetime | None = None
    changed: bool = True


class HandOver(StrEnum):
    """A contact goes from day to night, or back."""

    TO_EDT = "to_edt"
    """To the team that the pack names for out of hours."""
    FROM_EDT = "from_edt"
    """Back from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Whose a contact is from then on: a team's of the pack, perhaps one worker's. ``words`` is sealed: note, reason
    for a hand-over, what is outstanding.
    """

    id: UUID
    team: str
    worker: str | None
    hand_over: HandOver | None
    assigned_at: datetime
    assigned_by: str
    words: bytes | None


class NotThere(Exception):
    """The case has nothing of that id."""
