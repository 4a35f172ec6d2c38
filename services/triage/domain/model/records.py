"""What a case is made of. Free text stands here sealed, as the bytes that the database holds; no name of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.policy.evaluate import SubjectRating
from shared.policy.facts import Consent, Facts

from .heard import History
from .told import Age


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An act: its id, when, and who with which roles. Nobody (None) where an event made us act."""

    id: UUID
    at: datetime
    by: str | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowering:
    """A lower route that one person has asked for and a second must authorise."""

    route: str
    asked_by: str
    asked_at: datetime


@dataclass(slots=True, kw_only=True)
class Subject:
    """One subject of the case. ``machine`` is what the pack last said (None while it could not); ``standing`` is in
    force: the same, or what a person made of it.
    """

    subject_id: UUID
    position: int
    kind: str
    child_id: str | None
    age: Age
    facts: Facts | None
    standing: SubjectRating
    machine: SubjectRating | None = None
    rated_by: str | None = None
    lowering: Lowering | None = None
    placeholder: bool = False
    """Stands for whoever an unreadable event was about."""
    history: History | None = None
    """What was known already; ``facts`` holds what follows from it."""
    changed: bool = True

    @property
    def consent(self) -> Consent:
        """What is known of consent to share."""
        return self.facts.consent if self.facts is not None else Consent.NOT_KNOWN

    @property
    def unrated(self) -> bool:
        """Neither the machine nor a person has rated this subject."""
        return self.machine is None and self.rated_by is None


class DecisionState(StrEnum):
    """Where a decision stands."""

    PROPOSED = "proposed"
    """Waits for authorisation."""
    EFFECTIVE = "effective"
    """In force, and said."""
    REFUSED = "refused"
    """A manager did not agree; the subject is undecided."""
    REPLACED = "replaced"
    """Decided otherwise before anybody had authorised it."""
    OVERTAKEN = "overtaken"
    """Was in force, and said; then the subject was rated higher, and must be decided again."""
    REVISED = "revised"
    """Was in force, and said; then decided anew: the later version is in force."""


@dataclass(slots=True, kw_only=True)
class Decision:
    """One decision about one subject. ``words`` is the sealed free text: rationale, who leads, team, consent."""

    id: UUID
    subject_id: UUID
    version: int
    outcome: str
    level: int | None
    inquiry: str | None
    service_codes: tuple[str, ...]
    reason_codes: tuple[str, ...]
    discussion_id: UUID | None
    proposed_outcome: str | None
    lowers: bool
    words: bytes
    decided_by: str
    decided_at: datetime
    role_needed: str | None
    authorisations_needed: int
    authorised_by: tuple[str, ...] = ()
    state: DecisionState = DecisionState.PROPOSED
    settled_at: datetime | None = None
    lead_code: str | None = None
    """Of the pack's leads: who leads early help."""
    team_code: str | None = None
    """Of the pack's teams: the one that has the open case."""
    revises: int | None = None
    """The version in whose place this one comes."""
    made_on: UUID | None = None
    """The primary on which it was made, where this case is that one's duplicate."""
    mirrors: UUID | None = None
    """The decision there that it is."""
    unanswered_checks: int = 0
    """How many agencies had not answered: it went ahead without them, for a reason that stands in ``words``."""
    changed: bool = True


class DiscussionKind(StrEnum):
    """Which discussion it is."""

    PRIORITY = "priority"
    STRATEGY = "strategy"


@dataclass(slots=True, kw_only=True)
class Discussion:
    """A discussion that was decided on (``decided_at``) and, once ``held_at`` is known, took place; ``minutes`` is
    sealed.
    """

    id: UUID
    kind: DiscussionKind
    subject_ids: tuple[UUID, ...]
    recorded_by: str
    recorded_at: datetime
    decided_at: datetime | None = None
    held_at: datetime | None = None
    attended: tuple[str, ...] = ()
    result: str | None = None
    minutes: bytes | None = None
    changed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something that a clock waits for has happened to a subject."""

    id: UUID
    subject_id: UUID
    code: str
    occurred_at: datetime
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the case's history. ``codes`` never holds text of a person; ``note`` is such text, sealed."""

    number: int
    act_id: UUID
    at: datetime
    what: str
    by: str | None
    subject_id: UUID | None = None
    codes: Mapping[str, object] = field(default_factory=dict[str, object])
    note: bytes | None = None


class Echo(StrEnum):
    """What another service is expected to say after we have spoken."""

    CLOCKS = "clocks"
    """deadlines has set the clocks that the rating starts."""
    INFORMED = "informed"
    """notify has told the referrer, or has said that it could not."""


class Attention(StrEnum):
    """Why a person should look at a case again."""

    PARKED = "parked"
    """An event about it could not be dealt with."""
    RAISED_LATE = "raised_late"
    """It was rated higher, or another subject was named, after it had been decided; until all is decided again."""
    ANSWERED_LATE = "answered_late"
    """An agency told something after it had been decided."""
    NEW_INFORMATION = "new_information"
    """Somebody wrote more, or told more of what was closed: a person must read it."""
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    """The referrer would take it back; a manager may close it, with a reason."""
    CHALLENGED = "challenged"
    """The referrer disagrees; until a manager who did not decide has answered."""
    UNLINKED = "unlinked"
    """It is no duplicate after all: it is worked on by itself again."""


SEEN_BY_LOOKING = frozenset({Attention.NEW_INFORMATION, Attention.WITHDRAWAL_REQUESTED, Attention.UNLINKED})
"""What a person's look settles at any stage."""


class ClosureReason(StrEnum):
    """Why the front door's work is done."""

    COMPLETED = "completed"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    NOT_OUR_AREA = "not_our_area"
    ENTERED_IN_ERROR = "entered_in_error"


class Party(StrEnum):
    """Who can take part in a discussion, beside the parties that the pack names."""

    CHILDRENS_SERVICES = "childrens_services"
    POLICE = "police"
    HEALTH = "health"
    EDUCATION = "education"
    EARLY_HELP = "early_help"
    HOUSING = "housing"
    PROBATION = "probation"
    YOUTH_JUSTICE = "youth_justice"
    ADULT_SOCIAL_CARE = "adult_social_care"
    MENTAL_HEALTH = "mental_health"
    DOMESTIC_ABUSE_SERVICE = "domestic_abuse_service"
    OTHER_AUTHORITY = "other_authority"
    OTHER = "other"
