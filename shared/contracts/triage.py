"""What triage says."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from .envelope import EventData, Moment, Part
from .parts import ContactKept, PolicyVersion, SubjectRef


class SubjectRated(SubjectRef):
    """One subject's rating. Codes are the policy pack's; ``rules`` names the rules that fired.

    ``routes`` are all that a rule asked for: the clocks of every one of them run. ``route`` is the first.
    ``proposed_route`` waits for a person to confirm it; until then it starts nothing.
    """

    rating: str
    route: str
    routes: tuple[str, ...]
    proposed_route: str | None = None
    level: int | None
    proposed_outcome: str | None
    flags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class ContactRated(EventData):
    """A rating of all the contact's subjects; one event for each version. ``rating`` is the highest of them.

    ``cause`` says why it was rated (received, restated, information, history, linked, person, parked); ``links`` names
    the links (ContactsLinked.link_id) whose duplicates this rating has taken in, ``link_versions`` as of which
    ContactsLinked.link_version. ``unrated`` means that the machine could not rate it and a person must look before
    anything else.
    """

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    rating_version: int
    policy: PolicyVersion
    rating: str
    pages: bool
    unrated: bool
    cause: str
    subjects: tuple[SubjectRated, ...]
    links: tuple[UUID, ...] = ()
    link_versions: dict[UUID, int] = Field(default_factory=dict[UUID, int])


class ContactOpened(EventData):
    """A member of staff has opened the contact for the first time: somebody is looking."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    opened_at: Moment


class ContactAssigned(EventData):
    """The contact is a team's, perhaps one worker's; ``hand_over`` says to_edt or from_edt, between day and night."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    assignment_id: UUID
    assigned_at: Moment
    team: str
    to_worker: bool
    hand_over: str | None


class InformationRequested(EventData):
    """The referrer is asked for more. Questions are the pack's own: what staff write never leaves."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    request_id: UUID
    requested_at: Moment
    question_codes: tuple[str, ...]


class ChecksRequested(EventData):
    """An agency is asked what it knows; ``rating`` is the contact's at that moment."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    check_id: UUID
    agency: str
    requested_at: Moment
    rating: str
    subject_ids: tuple[UUID, ...]


class CheckAnswered(EventData):
    """An agency has answered a check, or it is no longer needed.

    ``answer``: information, nothing_known, refused, no_longer_needed. What was said stays in triage.
    """

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    check_id: UUID
    agency: str
    answered_at: Moment
    answer: str


class DiscussionHeld(EventData):
    """A priority or strategy discussion took place. ``decided_at`` is when it was decided to hold it."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    discussion_id: UUID
    kind: str
    held_at: Moment
    attended: tuple[str, ...]
    subject_ids: tuple[UUID, ...]
    decided_at: Moment | None = None
    result: str | None = None


class DecisionMade(EventData):
    """A subject's outcome is decided, and authorised where the pack asks for it.

    ``decision_version`` counts this subject's decisions from 1; ``undecided`` counts the contact's subjects still
    without one. Reason and service codes are the pack's own. ``unanswered_checks`` counts the agencies that had not
    answered: the decision went ahead without them. ``made_on`` names the contact it was made on where this one is that
    one's duplicate: one piece of work, said to each referrer.
    """

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    policy: PolicyVersion
    subject: SubjectRef
    decision_version: int
    outcome: str
    counts_as_referral: bool
    level: int | None
    reason_codes: tuple[str, ...]
    service_codes: tuple[str, ...]
    decided_at: Moment
    undecided: int
    unanswered_checks: int = 0
    made_on: UUID | None = None


class DecisionRevised(DecisionMade):
    """A subject is decided anew: the earlier decision stays as it was said, this one is in force now."""

    revises_version: int


class ChallengeAnswered(EventData):
    """A manager who did not decide has answered a challenge.

    ``result``: upheld, partly_upheld, not_upheld. What was written stays in triage; reason codes are the pack's own.
    """

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    challenge_id: UUID
    answered_at: Moment
    result: str
    reason_codes: tuple[str, ...]


class MilestoneRecorded(EventData):
    """Something happened that a clock waits for: baby seen, conference held, assessment completed."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    subject_id: UUID
    code: str
    occurred_at: Moment


class ContactClosed(EventData):
    """The front door's work on the contact is done; clocks after hand-over outlive it."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    closed_at: Moment
    reason_code: str


class ContactReopened(EventData):
    """What was closed is with staff again, because more became known or a manager says so."""

    producer: ClassVar[str] = "triage"

    contact: ContactKept
    reopened_at: Moment
    reason_code: str


class SubjectStanding(Part):
    """One subject's current rating and decision, for a restatement."""

    rated: SubjectRated
    decision: DecisionMade | None = None


class CheckStanding(Part):
    """One check and its answer, for a restatement."""

    asked: ChecksRequested
    answered: CheckAnswered | None = None


class CaseRestated(EventData):
    """The case's full current state said anew, because an expected echo was not heard.

    ``rated_at`` is when the rating was made: this event's own time says when it was told again. None from a writer that
    did not keep it.
    """

    producer: ClassVar[str] = "triage"
    restates: ClassVar[bool] = True

    contact: ContactKept
    rating_version: int
    policy: PolicyVersion
    rating: str
    pages: bool
    unrated: bool
    stage: str
    opened_at: Moment | None
    closed_at: Moment | None
    subjects: tuple[SubjectStanding, ...]
    discussions: tuple[DiscussionHeld, ...] = ()
    milestones: tuple[MilestoneRecorded, ...] = ()
    checks: tuple[CheckStanding, ...] = ()
    challenges_answered: tuple[ChallengeAnswered, ...] = ()
    requests: tuple[InformationRequested, ...] = ()
    assigned: ContactAssigned | None = None
    reopened: ContactReopened | None = None
    rated_at: Moment | None = None
