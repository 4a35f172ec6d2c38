"""Two contacts that belong together: what may be linked, and what has to be said of it next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID

from .matching import Verdict, compare
from .pairing import Known, pair_up


class LinkState(Enum):
    """Where a link stands."""

    PROPOSED = "proposed"
    """Its sender named somebody else's contact: shown to staff, and nothing follows from it."""
    REQUESTED = "requested"
    """The sender's own contact is followed: to be said to the primary."""
    WAITING = "waiting"
    """The primary has been told; the duplicate is told once the primary's rating has taken it in."""
    JOINED = "joined"
    """Both have been told."""
    UNLINKED = "unlinked"
    """A person has taken them apart."""


class LinkRelation(Enum):
    """How two contacts belong together."""

    DUPLICATE = "duplicate"
    """The same worry told twice: one piece of work, done on the primary."""
    FOLLOW_UP = "follow_up"
    """Its sender says that it belongs to an earlier one of theirs: one piece of work as well."""
    RELATED = "related"
    """Only shown beside each other."""


class Step(Enum):
    """What is to be said of a link next."""

    TELL_PRIMARY = "tell_primary"
    """For the first time, or anew because the duplicate is rated otherwise now."""
    TELL_DUPLICATE = "tell_duplicate"
    """The primary's rating has it: now the duplicate's own clocks may be cancelled."""
    NOTHING = "nothing"


LIVE = frozenset({LinkState.REQUESTED, LinkState.WAITING, LinkState.JOINED})
Ratings = Mapping[str, tuple[str | None, tuple[str, ...]]]
"""By subject id (as text): rating and routes."""


class LinkRefused(Exception):
    """These two cannot be linked so. ``code`` names why, ``allowed`` says what can be done."""

    def __init__(self, code: str, allowed: str) -> None:
        super().__init__(code)
        self.code = code
        self.allowed = allowed


@dataclass(kw_only=True)
class Link:
    """One link; ``contact_id`` is the primary, ``other_contact_id`` the duplicate (of peers: either)."""

    link_id: UUID
    contact_id: UUID
    other_contact_id: UUID
    relation: LinkRelation
    state: LinkState
    reason_code: str
    linked_at: datetime
    linked_by: str
    correlation_id: UUID
    pairs: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])
    version: int = 0
    said: Ratings | None = None
    times_said: int = 0
    heard: bool = False
    duplicate_told: bool = False

    @property
    def is_one_piece(self) -> bool:
        """True where the work on both is one."""
        return self.relation is not LinkRelation.RELATED

    def other_of(self, contact_id: UUID) -> UUID:
        """The contact at the other end."""
        return self.other_contact_id if contact_id == self.contact_id else self.contact_id

    def next_step(self, ratings: Ratings) -> Step:
        """What to say now, when the duplicate is rated as in ``ratings``. The primary always hears it first."""
        if self.state not in LIVE or not self.is_one_piece:
            return Step.NOTHING
        if self.state is LinkState.REQUESTED or self.said != ratings:
            return Step.TELL_PRIMARY
        return Step.TELL_DUPLICATE if self.heard and not self.duplicate_told else Step.NOTHING

    def tell_primary(self, ratings: Ratings, *, again: bool = False) -> None:
        """The primary is told, with the next version. ``again``: nothing is new, but no echo was heard."""
        self.version += 1
        self.times_said = self.times_said + 1 if again else 1
        self.said = ratings
        self.heard = False
        if self.state is LinkState.REQUESTED:
            self.state = LinkState.WAITING

    def hear_rating(self) -> None:
        """The primary's rating has taken the duplicate in."""
        self.heard = True

    def tell_duplicate(self) -> None:
        """The duplicate is told."""
        self.duplicate_told = True
        self.state = LinkState.JOINED

    def tell_peers(self) -> None:
        """Both are told at once: nothing follows from being related."""
        self.version += 1
        self.state = LinkState.JOINED


def refuse_wrong_link(link: Link, others: Sequence[Link]) -> None:
    """Raises LinkRefused for a contact with itself, for two that are linked already, and for a chain or a circle:
    whoever is a duplicate has no duplicates of its own. ``others`` are the live links of both contacts.
    """
    if link.contact_id == link.other_contact_id:
        raise LinkRefused("same_contact", "Name another contact.")
    ends = {link.contact_id, link.other_contact_id}
    if any({one.contact_id, one.other_contact_id} == ends for one in others):
        raise LinkRefused("already_linked", "Remove the link that is there first.")
    if not link.is_one_piece:
        return
    one_piece = [one for one in others if one.is_one_piece]
    if any(one.other_contact_id == link.contact_id for one in one_piece):
        raise LinkRefused("primary_is_a_duplicate", "Link it to the contact that this one is a duplicate of.")
    if any(one.other_contact_id == link.other_contact_id for one in one_piece):
        raise LinkRefused("already_a_duplicate", "Remove the other's link to its primary first.")
    if any(one.contact_id == link.other_contact_id for one in one_piece):
        raise LinkRefused("has_duplicates", "Link the other way round, or remove the other's own duplicates first.")


def pairs_of(duplicate: Sequence[Known], primary: Sequence[Known]) -> dict[UUID, UUID]:
    """Which of the duplicate's subjects is which of the primary's, as far as the names say it; two contacts with one
    subject each speak of the same one unless their names differ.
    """
    paired = pair_up(duplicate, {one.subject_id: primary for one in duplicate})
    found = {pair.mine.subject_id: pair.theirs.subject_id for pair in paired.same}
    if not found and len(duplicate) == len(primary) == 1:
        verdicts = compare(duplicate[0].person, primary[0].person).verdicts
        if verdicts["given_name"] is not Verdict.DIFFERS:
            found[duplicate[0].subject_id] = primary[0].subject_id
    return found
