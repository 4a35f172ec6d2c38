"""What notify knows of a contact: whom there is to tell, and what. Filled by whichever event comes first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from .paging import Paging

UNKNOWN_REFERENCE: Final = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person the worry is about: ``position`` counts from 1 in the order the referrer named them.

    ``named``: this contact's own referrer told of them. Somebody whom only a linked duplicate names is not for this
    referrer to hear of.
    """

    position: int
    kind: str
    named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The newest decision about one subject; codes are those of the policy pack named by ``policy``. ``heard_at``
    (business time): nobody was told of it before; None where that is not known.
    """

    version: int
    outcome: str
    reason_codes: tuple[str, ...]
    service_codes: tuple[str, ...]
    policy: str
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """A clock's warning, breach or escalation. Heard before the referrer is known, it is kept until who is to be told
    is known. ``rung`` is the one that an escalation names; ``epoch`` counts the clock's recomputations.
    """

    event: str
    deadline_id: UUID
    kind: str
    starts_at: datetime
    due_at: datetime
    rating: str | None = None
    share: str | None = None
    rung: int | None = None
    epoch: int = 1


@dataclass(slots=True, kw_only=True)
class Contact:
    """The facts that messages are made from. No name, no address: the address is asked for when it is needed."""

    contact_id: UUID
    reference: str = UNKNOWN_REFERENCE
    received_at: datetime | None = None
    referrer_kind: str | None = None
    has_address: bool = False
    """A channel of this deployment reaches the referrer: by e-mail, or by text message."""
    source_code: str | None = None
    organisation_id: str | None = None
    by_webhook: bool = False
    """A professional whose organisation may take messages in its own system: to be tried where nothing else is."""
    received: bool = False
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    decisions: dict[UUID, Decision] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    undecided: int | None = None
    rating: str | None = None
    rating_version: int = 0
    paging: Paging = field(default_factory=Paging)
    policy: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    linked_at: datetime | None = None
    steps: list[ClockStep] = field(default_factory=list)

    @property
    def all_decided(self) -> bool:
        """Whether every subject's outcome is decided."""
        return self.undecided == 0 and bool(self.decisions)

    @property
    def attended(self) -> bool:
        """Whether somebody has looked (or the work is done, or done on the contact it duplicates): nobody need be
        alerted to look.
        """
        return any(at is not None for at in (self.opened_at, self.closed_at, self.linked_at))

    def attended_since(self, moment: datetime) -> bool:
        """Whether somebody has looked since then. What is raised anew, or late, is not excused by an earlier look."""
        return any(at is not None and at >= moment for at in (self.opened_at, self.closed_at, self.linked_at))

    @property
    def may_be_sent(self) -> bool:
        """Whether a machine may try to reach the referrer."""
        return self.has_address or self.by_webhook

    def know_reference(self, reference: str) -> None:
        """Notes our reference from an event that carries nothing else of the contact."""
        if self.reference == UNKNOWN_REFERENCE:
            self.reference = reference

    def know_referrer(
        self,
        *,
        reference: str,
        received_at: datetime,
        kind: str,
        has_address: bool,
        organisation_id: str | None,
        by_webhook: bool,
        source_code: str | None = None,
    ) -> None:
        """Notes what every event about a contact repeats; the first to come fills it, later ones say the same."""
        self.reference, self.received_at = reference, received_at
        self.referrer_kind, self.has_address = kind, has_address
        self.organisation_id, self.by_webhook = organisation_id, by_webhook
        self.source_code = source_code

    def know_subject(self, subject_id: UUID, *, position: int, kind: str, named: bool = False) -> None:
        """Notes a subject, or who they have turned out to be; ``named`` where intake itself tells of them here."""
        known = self.subjects.get(subject_id)
        named = named or (known is not None and known.named)
        self.subjects[subject_id] = Subject(position=position, kind=kind, named=named)

    def told_of(self) -> dict[UUID, Subject]:
        """The subjects that the referrer may hear of: those they named; all while it is not known whom they named."""
        named = {subject_id: subject for subject_id, subject in self.subjects.items() if subject.named}
        return named or self.subjects

    def decide(self, subject_id: UUID, decision: Decision) -> bool:
        """Notes a decision. False where this version, or a later one, was known."""
        known = self.decisions.get(subject_id)
        if known is not None and known.version >= decision.version:
            return False
        self.decisions[subject_id] = decision
        return True

    def versions(self) -> dict[UUID, int]:
        """The version of every subject's decision."""
        return {subject_id: decision.version for subject_id, decision in self.decisions.items()}

    def versions_heard_after(self, moment: datetime) -> dict[UUID, int]:
        """Those of them that were not known yet then."""
        return {
            subject_id: decision.version
            for subject_id, decision in self.decisions.items()
            if decision.heard_at is not None and decision.heard_at > moment
        }

    def tells_what_stands(self, tells: dict[UUID, int]) -> bool:
        """Whether a notice with these versions still tells the newest decision of each subject."""
        return all(
            subject_id in self.decisions and self.decisions[subject_id].version == version
            for subject_id, version in tells.items()
        )

    def decisions_key(self) -> str:
        """The same text for the same set of decision versions, in the order the subjects were named."""
        pairs = sorted((self._position(subject_id), version) for subject_id, version in self.versions().items())
        return ",".join(f"{position}:{version}" for position, version in pairs)

    def attend(self, *, opened_at: datetime | None = None, closed_at: datetime | None = None) -> bool:
        """Notes that somebody has looked, or that the work is done; the first time counts. False where it was known."""
        known = (self.opened_at, self.closed_at)
        self.opened_at, self.closed_at = self.opened_at or opened_at, self.closed_at or closed_at
        looked_at = self.opened_at or self.closed_at
        if looked_at is not None:
            self.paging.end_unread(looked_at)
        return known != (self.opened_at, self.closed_at)

    def attend_as_restated(self, *, opened_at: datetime | None, closed_at: datetime | None) -> bool:
        """The same, from the full state: what is not closed in it has been reopened."""
        self.closed_at = self.closed_at if closed_at is not None else None
        return self.attend(opened_at=opened_at, closed_at=closed_at)

    def reopen(self, at: datetime) -> bool:
        """Notes that it is with staff again. True where everybody is to be alerted anew."""
        was, self.closed_at = self.closed_at, None
        return was is not None and self.page_anew(at)

    def unlink(self, at: datetime) -> bool:
        """Notes that it is worked on by itself again. True where everybody is to be alerted anew."""
        was, self.linked_at = self.linked_at, None
        return was is not None and self.page_anew(at)

    def page_anew(self, at: datetime) -> bool:
        """It waits for somebody to look again. True, and a new episode, where it still pages and nobody has looked.

        What was alerted before it was closed or linked was withdrawn then, and does not count as an alert now.
        """
        if self.attended or not self.paging.now:
            return False
        self.paging.anew(at)
        return True

    def rate(self, *, rating: str, version: int, policy: str, flags: frozenset[str]) -> bool:
        """Notes a rating of the whole contact, counted from 1. False where a newer one is known, or there is none."""
        if version < max(1, self.rating_version):
            return False
        self.rating, self.rating_version, self.policy = rating, version, policy
        self.flags |= flags  # a warning once given stays: nothing said later makes it safe to alert somebody
        return True

    def rise(self, at: datetime) -> None:
        """It pages anew: a link made before does not tell that, and excuses nobody from looking until said again."""
        if self.linked_at is not None and at > self.linked_at:
            self.linked_at = None

    def later(self, step: ClockStep) -> None:
        """Keeps a clock's step until the referrer is known."""
        if step not in self.steps:
            self.steps.append(step)

    def take_steps(self) -> list[ClockStep]:
        """The steps kept so far, to be decided now."""
        steps, self.steps = self.steps, []
        return steps

    def _position(self, subject_id: UUID) -> int:
        subject = self.subjects.get(subject_id)
        return subject.position if subject else 0
