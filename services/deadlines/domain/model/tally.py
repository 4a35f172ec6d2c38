"""What a contact's events say that the monthly measures count: codes, ages and times, kept so that order is nothing.

Of what is said in versions (a decision, a rating, what intake knows of a subject) each version is the same however
often it is heard, and the latest is the one in force. Milestones are a set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One version of a subject's decision; ``elsewhere`` where it was made on the contact this one duplicates."""

    version: int
    at: datetime
    outcome: str
    referral: bool
    level: int | None
    reasons: tuple[str, ...]
    elsewhere: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A subject as intake tells of them: who, how old at receipt (years), whether a factor of M5 was answered yes."""

    subject_id: UUID
    position: int
    kind: str
    child_id: str | None
    age_years: int | None
    exploited: bool


@dataclass(slots=True, kw_only=True)
class Tallied:
    """One subject. ``told`` is the number of intake's event that told of them last; 0 where only triage has."""

    subject_id: UUID
    told: int = 0
    position: int = 0
    kind: str = "unknown"
    child_id: str | None = None
    age_years: int | None = None
    exploited: bool = False
    rating_version: int = 0
    rating: str | None = None
    level: int | None = None
    decisions: dict[int, Decided] = field(default_factory=dict[int, Decided])
    milestones: set[tuple[str, datetime]] = field(default_factory=set[tuple[str, datetime]])

    @property
    def in_force(self) -> Decided | None:
        """The latest version; None where nothing is decided."""
        return self.decisions[max(self.decisions)] if self.decisions else None

    @property
    def own(self) -> list[Decided]:
        """The versions decided on this contact, the earliest first."""
        made = (one for one in self.decisions.values() if not one.elsewhere)
        return sorted(made, key=lambda one: (one.at, one.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who told us and when, by codes; ``said`` is the number of intake's event that says so, 0 for a copy."""

    reference: str
    received_at: datetime
    source_code: str
    organisation_id: str | None
    said: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """A contact as the measures count it."""

    contact_id: UUID
    sender: Sender | None = None
    subjects: dict[UUID, Tallied] = field(default_factory=dict[UUID, Tallied])
    closed: bool = False
    """The front door's work on it is done."""
    linked: bool = False
    """It is a duplicate: the work is done on another contact."""
    changed: bool = False
    """Something was heard since it was loaded."""

    def take_sender(self, sender: Sender) -> None:
        """Whichever event comes first tells; intake's own word replaces a copy."""
        if self.sender is None or sender.said >= self.sender.said:
            self.sender = sender

    def tell(self, subjects: Iterable[Told], number: int) -> None:
        """What intake knows of the subjects as of its event of this number; an earlier one changes nothing."""
        for told in subjects:
            subject = self._subject(told.subject_id)
            if number >= subject.told:
                subject.told, subject.position, subject.kind = number, told.position, told.kind
                subject.child_id, subject.age_years, subject.exploited = told.child_id, told.age_years, told.exploited

    def name(self, subject_id: UUID, *, position: int, kind: str) -> None:
        """A subject as another service repeats them: it counts only where intake has not told of them."""
        subject = self._subject(subject_id)
        if not subject.told:
            subject.position, subject.kind = position, kind

    def rate(self, subject_id: UUID, *, version: int, rating: str, level: int | None) -> None:
        """A subject's rating and level of need; an earlier version changes nothing."""
        subject = self._subject(subject_id)
        if version >= subject.rating_version:
            subject.rating_version, subject.rating, subject.level = version, rating, level

    def decide(self, subject_id: UUID, decided: Decided) -> None:
        """One version of a subject's decision."""
        self._subject(subject_id).decisions.setdefault(decided.version, decided)

    def reach(self, subject_id: UUID, code: str, at: datetime) -> None:
        """A milestone of a subject."""
        self._subject(subject_id).milestones.add((code, at))

    def stand(self, *, closed: bool, linked: bool) -> None:
        """Where the contact stands now."""
        self.closed, self.linked, self.changed = closed, linked, True

    def count_anew(self) -> None:
        """The calendar has changed: what is due by it is counted again."""
        self.changed = True

    def _subject(self, subject_id: UUID) -> Tallied:
        return self.subjects.setdefault(subject_id, Tallied(subject_id=subject_id))
