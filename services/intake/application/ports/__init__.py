"""What intake's handlers need of the outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.intake.domain.model.history import Earlier, Moments
from services.intake.domain.model.linking import Link, Ratings
from services.intake.domain.model.matching import Relation
from services.intake.domain.model.pairing import Known, Pair
from shared.contracts.envelope import Cause, EventData
from shared.contracts.intake import HistoryFound, SubjectHistory, SubjectTold
from shared.contracts.parts import ContactKept

from .keeping import Contacts, OutcomesPort, Tellings

__all__ = [
    "Contacts",
    "IntakeWork",
    "LinkedContact",
    "LinkingWork",
    "LinksPort",
    "Look",
    "LooksPort",
    "MatchingWork",
    "OutcomesPort",
    "Seen",
    "Tellings",
]


class IntakeWork(Protocol):
    """One unit of work of intake's worker or staff routes."""

    now: datetime

    @property
    def outcomes(self) -> OutcomesPort:
        """What triage says of subjects."""
        ...

    @property
    def contacts(self) -> Contacts:
        """The locked contacts."""
        ...

    @property
    def tellings(self) -> Tellings:
        """What was told of them later."""
        ...

    async def forget(self, contact_id: UUID) -> None:
        """Erases a locked contact; a tombstone stays."""
        ...

    def erased(self, contact_id: UUID) -> bool:
        """True where the contact has been forgotten."""
        ...

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        """Says ``data`` with the commit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A contact whose turn it is. ``looks``: its own history is to be found; ``spreads``: later contacts about its
    subjects are to look again. Neither where it cannot be looked at: erased, or never announced.
    """

    contact_id: UUID
    looks: bool = False
    spreads: bool = False
    subject_ids: tuple[UUID, ...] = ()
    moments: Moments | None = None
    organisation: str | None = None
    kept: ContactKept | None = None
    correlation_id: UUID | None = None
    version: int = 0
    """Of the history last announced; 0 where none was."""
    before: tuple[SubjectHistory, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look has found: by subject, whom it was before; who else belongs together; when those contacts came."""

    earlier: Mapping[UUID, Sequence[Earlier]]
    related: Sequence[tuple[Pair, Relation]]
    moments: Mapping[UUID, Moments]
    child_ids: Mapping[UUID, str | None]


class LooksPort(Protocol):
    """The looks that are due."""

    async def claim(self) -> Look | None:
        """Locks the contact that has waited longest; None where none waits."""
        ...

    async def see(self, look: Look) -> Seen:
        """Finds, compares and proposes."""
        ...

    async def said(self, contact_id: UUID, history: HistoryFound) -> None:
        """Keeps what is announced now."""
        ...

    async def spread(self, look: Look) -> None:
        """Later contacts about the same children are to look again."""
        ...


class MatchingWork(Protocol):
    """One unit of work of the matching loop."""

    now: datetime

    @property
    def looks(self) -> LooksPort:
        """The looks that are due."""
        ...

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        """Says ``data`` with the commit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedContact:
    """What events about links repeat of a contact: as last announced, and its ratings as last heard."""

    contact_id: UUID
    kept: ContactKept
    correlation_id: UUID
    told: tuple[SubjectTold, ...]
    ratings: Ratings


class LinksPort(Protocol):
    """The links of the locked contacts."""

    async def live_of(self, contact_ids: Iterable[UUID]) -> list[Link]:
        """The live links of these contacts."""
        ...

    async def find(self, link_id: UUID) -> Link | None:
        """The link, or None."""
        ...

    async def contacts(self, contact_ids: Iterable[UUID]) -> dict[UUID, LinkedContact]:
        """What events repeat of these contacts, erased ones left out."""
        ...

    async def people(self, subject_ids: Iterable[UUID]) -> dict[UUID, Known]:
        """These subjects, opened."""
        ...

    async def keep(self, links: Sequence[Link], *, told: bool = True) -> None:
        """Writes these links."""
        ...

    async def add(self, link: Link, *, reason: bytes) -> None:
        """Writes a new link with its sealed reason."""
        ...

    async def unlink(self, link: Link, *, by: str, reason_code: str, reason: bytes) -> None:
        """Writes that a person has taken them apart."""
        ...

    async def release(self, contact_id: UUID, links: Sequence[Link]) -> None:
        """Forgets these links of a contact that is to be erased."""
        ...

    async def say_same_again(self, link: Link) -> None:
        """What the primary was told leaves once more, with the same id: the bus may have lost it."""
        ...

    async def look_again(self, contact_ids: Iterable[UUID]) -> None:
        """These look for their history again."""
        ...


class LinkingWork(Protocol):
    """One unit of work that links contacts; both ends are locked."""

    now: datetime

    @property
    def links(self) -> LinksPort:
        """The links."""
        ...

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        """Says ``data`` with the commit."""
        ...
