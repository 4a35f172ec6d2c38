"""What others tell of a case beside its subjects: history, links, challenges, withdrawals. Codes and counts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.policy.facts import NUMBERS, Answer, Facts

_COUNTED = (
    "repeat_contacts_12_months",
    "referrals_12_months",
    "assessments_closed_12_months",
    "same_home_12_months",
    "greens_3_months",
    "agencies_7_days",
)
"""Counts that are facts under the same name."""
_ANSWERED = {"previous_no_further_action": "no_further_action_12_months", "closed_within_6_months": "closed_6_months"}
"""Facts that are answered yes where the count is not nothing."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another contact's subject, and what they are to this one; a person decides what is only probable."""

    contact_id: UUID
    subject_id: UUID
    relation: str
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What intake knew already of one subject: the newest version of it, in full."""

    version: int
    confirmed: Mapping[str, int]
    probable: Mapping[str, int]
    """What is confirmed and what is only proposed, counted together: a rating rests on this."""
    related: tuple[Related, ...] = ()

    @property
    def rests_on_proposals(self) -> bool:
        """Is some of it not confirmed?"""
        return any(count > self.confirmed.get(name, 0) for name, count in self.probable.items())


def with_history(facts: Facts, history: History | None) -> Facts:
    """The facts as told, with what history adds to them: more, never less."""
    if history is None:
        return facts
    counted = {name: _at_most(name, max(getattr(facts, name), history.probable.get(name, 0))) for name in _COUNTED}
    answered = {fact: Answer.YES for fact, count in _ANSWERED.items() if history.probable.get(count, 0) > 0}
    if history.rests_on_proposals:
        answered["history_probable"] = Answer.YES
    return replace(facts, **counted, **answered)


def _at_most(name: str, count: int) -> int:
    return min(count, NUMBERS[name][1])


class Role(StrEnum):
    """What a contact is in a link."""

    PRIMARY = "primary"
    """The work is done on it, for the other one too."""
    DUPLICATE = "duplicate"
    """The other one is worked on; its decisions hold here."""
    PEER = "peer"
    """Related: only shown."""


@dataclass(slots=True, kw_only=True)
class Link:
    """A person has said that the case and another contact belong together. ``pairs``: the duplicate's subjects, and
    which of the primary's each one is; a subject that it does not name has the same id in both.
    """

    link_id: UUID
    version: int
    relation: str
    role: str
    other_contact_id: UUID
    linked_at: datetime
    reason_code: str
    pairs: Mapping[UUID, UUID]
    unlinked_at: datetime | None = None
    unlinked_reason: str | None = None
    changed: bool = True

    @property
    def holds(self) -> bool:
        """Has nobody unlinked it?"""
        return self.unlinked_at is None


@dataclass(slots=True, kw_only=True)
class Challenge:
    """The referrer disagrees with what was decided. ``answer`` is sealed; ``result`` None: nobody has answered."""

    id: UUID
    challenged_at: datetime
    reason_code: str
    subject_ids: tuple[UUID, ...]
    """Whom it is about; nobody named: everybody."""
    result: str | None = None
    reason_codes: tuple[str, ...] = ()
    answer: bytes | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    changed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The referrer would take it back: information, and no more."""

    id: UUID
    requested_at: datetime
    reason_code: str


class ReopeningReason(StrEnum):
    """Why what was closed is with staff again."""

    NEW_INFORMATION = "new_information"
    RAISED = "raised"
    """It is rated higher, or somebody else is named in it."""
    UNLINKED = "unlinked"
    """It is no duplicate after all."""
    CLOSED_IN_ERROR = "closed_in_error"
    CHALLENGE_UPHELD = "challenge_upheld"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """When, and why, a closed case was last opened again."""

    at: datetime
    reason_code: str


@dataclass(slots=True, kw_only=True)
class Heard:
    """All of it, of one case. It keeps what has been heard; what follows from it is decided elsewhere."""

    links: dict[UUID, Link] = field(default_factory=dict[UUID, Link])
    challenges: dict[UUID, Challenge] = field(default_factory=dict[UUID, Challenge])
    withdrawals: dict[UUID, Withdrawal] = field(default_factory=dict[UUID, Withdrawal])

    def link_as(self, role: Role) -> list[Link]:
        """The links that hold in which the case has this role, oldest first."""
        found = [link for link in self.links.values() if link.holds and link.role == role]
        return sorted(found, key=lambda link: (link.linked_at, link.link_id))

    @property
    def duplicate_of(self) -> UUID | None:
        """The contact that is worked on instead of this one."""
        found = self.link_as(Role.DUPLICATE)
        return found[0].other_contact_id if found else None

    @property
    def unanswered(self) -> list[Challenge]:
        """Challenges that wait for a manager."""
        return [one for one in self.challenges.values() if one.result is None]
