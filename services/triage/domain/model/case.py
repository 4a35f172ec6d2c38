"""The case: triage's one aggregate, one a contact. Its stage changes in ``move`` and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from .heard import Heard, Reopening, ReopeningReason
from .items import Assignment, Check, InformationRequest
from .records import (
    SEEN_BY_LOOKING,
    Attention,
    Decision,
    DecisionState,
    Discussion,
    Echo,
    Entry,
    Milestone,
    Signed,
    Subject,
)
from .stages import MADE_ON_PRIMARY, SETTLED, Lacking, LinkedAsDuplicate, Move, Stage, after, allowed_now
from .told import Contact

UNKNOWN_REFERENCE = "unknown"
"""Of a contact whose announcement could not be read."""


@dataclass(slots=True, kw_only=True)
class Case:
    """One contact as triage knows it. ``version`` is the ETag: it moves with rating, stage and staff work only."""

    contact_id: UUID
    reference: str | None = None
    contact: Contact | None = None
    stage: Stage = Stage.RECEIVED
    version: int = 0
    entries: int = 0

    rating: str | None = None
    rank: int = 0
    pages: bool = False
    unrated: bool = False
    rating_version: int = 0
    rated_at: datetime | None = None
    """When this version of the rating was made."""
    policy: tuple[str, str, str] | None = None
    """Id, version and content hash of the pack it was last rated with."""

    opened_at: datetime | None = None
    opened_by: str | None = None
    closed_at: datetime | None = None
    closed_reason: str | None = None
    reopened: Reopening | None = None
    """When it was last opened again after closure."""
    reopening_unsaid: bool = False

    next_due_at: datetime | None = None
    breached: int = 0
    clocks: dict[UUID, tuple[str, datetime]] = field(default_factory=dict[UUID, tuple[str, datetime]])
    """What is waited for: kind and due time of each watched clock that is neither met nor cancelled, by its id."""
    clocks_heard: set[str] = field(default_factory=set[str])
    clocks_awaited: set[str] = field(default_factory=set[str])
    acknowledged_at: datetime | None = None
    told: dict[UUID, int] = field(default_factory=dict[UUID, int])
    """The decision version of each subject that the referrer has been told."""
    undelivered: dict[UUID, str] = field(default_factory=dict[UUID, str])
    """Messages that could not be delivered, with their purpose: a person must act."""
    informing_awaited: bool = False
    attention: set[str] = field(default_factory=set[str])

    decisions: list[Decision] = field(default_factory=list[Decision])
    discussions: list[Discussion] = field(default_factory=list[Discussion])
    milestones: list[Milestone] = field(default_factory=list[Milestone])
    heard: Heard = field(default_factory=Heard)
    checks: list[Check] = field(default_factory=list[Check])
    requests: list[InformationRequest] = field(default_factory=list[InformationRequest])
    assignments: list[Assignment] = field(default_factory=list[Assignment])

    kept_milestones: int = 0
    kept_assignments: int = 0
    """How many of them the database has: the rest are new."""
    changed: bool = False
    new_entries: list[Entry] = field(default_factory=list[Entry])
    removed: list[UUID] = field(default_factory=list[UUID])
    """Subjects that turned out to be placeholders."""
    echoes: dict[Echo, bool] = field(default_factory=dict[Echo, bool])
    """Echoes to wait for from now on (True) or no longer (False)."""
    read_subjects: Callable[[], list[Subject]] | None = None
    """Reads the subjects at first use: most events about a case do not need them."""
    known_subjects: list[Subject] | None = None

    @property
    def subjects(self) -> list[Subject]:
        """The case's subjects in the order in which the referrer named them."""
        if self.known_subjects is None:
            self.known_subjects = self.read_subjects() if self.read_subjects is not None else []
        return self.known_subjects

    def subject(self, subject_id: UUID) -> Subject:
        """One subject. Raises Lacking for an id that is not one of the case's."""
        for subject in self.subjects:
            if subject.subject_id == subject_id:
                return subject
        raise Lacking(("subject_id", "unknown_subject"))

    # -- what every move needs ---------------------------------------------------------------------------------------

    def move(self, move: Move) -> None:
        """Makes a move of the table. Raises NotAllowed for one that the stage does not have, or LinkedAsDuplicate for
        one that is made on the primary.
        """
        primary = self.heard.duplicate_of
        if primary is not None and move in MADE_ON_PRIMARY:
            raise LinkedAsDuplicate(self.stage, primary)
        self.stage = after(self.stage, move)
        self.changed = True

    def record(
        self,
        signed: Signed,
        what: str,
        *,
        subject_id: UUID | None = None,
        codes: Mapping[str, object] | None = None,
        note: bytes | None = None,
        quiet: bool = False,
    ) -> None:
        """Adds a line to the history, which only grows, and moves the ETag; not where it is ``quiet``: a copy of what
        another service said.
        """
        self.entries += 1
        self.version += 0 if quiet else 1
        self.changed = True
        self.new_entries.append(
            Entry(
                number=self.entries,
                act_id=signed.id,
                at=signed.at,
                what=what,
                by=signed.by,
                subject_id=subject_id,
                codes=dict(codes or {}),
                note=note,
            )
        )

    def known_as(self, reference: str) -> None:
        """Another service speaks of the contact, perhaps before intake's own event has come."""
        if self.reference in (None, UNKNOWN_REFERENCE):
            self.reference = reference
            self.changed = True

    def ask_for_attention(self, why: Attention) -> None:
        """A person should look at it again."""
        if why not in self.attention:
            self.attention.add(why.value)
            self.changed = True

    def open_again(self, move: Move, signed: Signed) -> None:
        """What was settled is not: it is with staff again, above everything, and nothing is waited for meanwhile."""
        self.back_to_staff(move, signed, ReopeningReason.RAISED)
        self.ask_for_attention(Attention.RAISED_LATE)
        self.stop_waiting_for_informing()

    def back_to_staff(self, move: Move, signed: Signed, because: ReopeningReason, *, note: bytes | None = None) -> None:
        """Makes a move that leads back to staff; what was closed is reopened by it, which is to be said."""
        before = self.stage
        self.move(move)
        if before is Stage.CLOSED and self.stage is not Stage.CLOSED:
            self.reopened, self.reopening_unsaid = Reopening(at=signed.at, reason_code=because.value), True
            codes = {"reason": because.value, "closed_reason": self.closed_reason}
            self.closed_at = self.closed_reason = None
            self.record(signed, "reopened", codes=codes, note=note)

    def stop_waiting_for_informing(self) -> None:
        """Notify has heard of our decisions, or they no longer stand."""
        if self.informing_awaited:
            self.informing_awaited = False
            self.echoes[Echo.INFORMED] = False
            self.changed = True

    @property
    def assigned(self) -> Assignment | None:
        """Whose it is now."""
        return self.assignments[-1] if self.assignments else None

    def information_request_answered(self, request_id: UUID, at: datetime) -> bool:
        """The referrer has answered. False for a request that is not the case's or was answered before."""
        for request in self.requests:
            if request.id == request_id and request.answered_at is None:
                request.answered_at, request.changed, self.changed = at, True, True
                return True
        return False

    # -- decisions in force ------------------------------------------------------------------------------------------

    def decision_of(self, subject_id: UUID) -> Decision | None:
        """The decision in force for a subject: its latest effective one."""
        effective = [
            one for one in self.decisions if one.subject_id == subject_id and one.state is DecisionState.EFFECTIVE
        ]
        return max(effective, key=lambda one: one.version, default=None)

    def undecided(self) -> int:
        """How many subjects have no decision in force."""
        return sum(self.decision_of(subject.subject_id) is None for subject in self.subjects)

    def told_of_all(self) -> bool:
        """Has the referrer been told of the newest decision about every subject?"""
        newest = [self.decision_of(subject.subject_id) for subject in self.subjects]
        return bool(newest) and all(
            one is not None and self.told.get(one.subject_id, 0) >= one.version for one in newest
        )

    def allowed(self) -> tuple[Move, ...]:
        """What staff may do with it now; a duplicate is decided on its primary."""
        here = self.heard.duplicate_of is None
        return tuple(move for move in allowed_now(self.stage) if here or move not in MADE_ON_PRIMARY)

    # -- staff -------------------------------------------------------------------------------------------------------

    def open(self, signed: Signed) -> bool:
        """A member of staff looks at it. True for the first time; opening it again changes nothing, except that it
        no longer asks for the attention that it has now had: at what is settled all but an answer to a challenge.
        """
        before = self.stage
        self.move(Move.OPEN)
        seen = set(self.attention) - {Attention.CHALLENGED} if before in SETTLED else self.attention & SEEN_BY_LOOKING
        if seen:
            self.record(signed, "looked_at", codes={"attention": sorted(seen)})
            self.attention -= seen
        if before is not Stage.RATED and not (before is Stage.OPENED and self.opened_at is None):
            return False  # opened it may be as a duplicate, by what was decided elsewhere: then nobody has looked here
        self.opened_at, self.opened_by = signed.at, signed.by
        self.record(signed, "opened")
        return True
