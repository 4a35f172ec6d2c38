"""What the handlers need of their unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.deadlines.domain.model.calendar import CalendarVersion
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.explanation import Explanation
from services.deadlines.domain.model.tally import Tally
from services.deadlines.domain.model.working_time import Holidays
from services.deadlines.domain.policy.moving import Counted, Move
from services.deadlines.domain.policy.rulebook import Rulebook
from shared.contracts.envelope import Cause, EventData
from shared.security.encryption import ContactCipher


class Contacts(Protocol):
    """The locked contacts."""

    def get(self, contact_id: UUID) -> Contact:
        """The contact, new where nobody has heard of it yet. Raises KeyError for one that was not locked."""
        ...


class Calendars(Protocol):
    """The versions of the calendars."""

    async def newest(self, calendar: str, *, locked: bool = False) -> list[CalendarVersion]:
        """The calendar's versions, newest first; ``locked``: nobody else changes them until the commit."""
        ...

    async def save(self, version: CalendarVersion) -> None:
        """Writes a proposal, or how it was settled."""
        ...

    async def running(self, *, due_from: datetime, now: datetime) -> list[Counted]:
        """Running clocks in working time that are due then or later."""
        ...

    async def keep_list(self, version: CalendarVersion, listed: Sequence[Move]) -> None:
        """Keeps what a proposal was shown to move."""
        ...

    async def list_of(self, version: CalendarVersion) -> list[Move]:
        """What the version was last shown to move."""
        ...


class Tallies(Protocol):
    """The locked contacts as the monthly measures count them."""

    def get(self, contact_id: UUID) -> Tally:
        """The contact's tally, empty where nothing has been heard of it yet. Raises KeyError for one not locked."""
        ...


class Rulebooks(Protocol):
    """The policy versions that are installed here."""

    @property
    def active(self) -> Rulebook:
        """The active version."""
        ...

    def named(self, policy_id: str, version: str, content_hash: str) -> Rulebook:
        """Exactly this version. Raises what makes the consumer wait where it is not here."""
        ...

    def of(self, ref: str | None) -> Rulebook:
        """The version of this reference, the active one of None."""
        ...

    def unwatched(self, ref: str | None) -> frozenset[str]:
        """Kinds of clock that nothing watches here by this version; none of one that is not installed."""
        ...

    def by(self, ref: str, holidays: Holidays) -> Rulebook | None:
        """The version of this reference by another version of its calendar; None where it counts by another one."""
        ...


class DeadlinesWork(Protocol):
    """One transaction."""

    now: datetime

    @property
    def contacts(self) -> Contacts:
        """The locked contacts."""
        ...

    @property
    def tallies(self) -> Tallies:
        """The same contacts, as the measures count them."""
        ...

    @property
    def rulebooks(self) -> Rulebooks:
        """The policy versions."""
        ...

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        """Says something with the commit."""
        ...

    async def forget(self, contact_id: UUID) -> None:
        """Erases a contact."""
        ...


class FiringWork(DeadlinesWork, Protocol):
    """The firing loop's transaction."""

    async def claim_due(self, most: int) -> list[Contact]:
        """Locks and loads contacts that have something due, the most urgent first."""
        ...


class Explanations(Protocol):
    """What staff say of breaches: only ever added."""

    def add(self, explanation: Explanation) -> None:
        """Adds one with the commit."""
        ...


class ExplainingWork(Protocol):
    """The transaction in which a breach is explained; its contact is locked."""

    now: datetime

    @property
    def explanations(self) -> Explanations:
        """What is said of breaches."""
        ...

    def erased(self, contact_id: UUID) -> bool:
        """True where the contact has been forgotten."""
        ...

    def cipher(self, contact_id: UUID) -> ContactCipher:
        """Seals words about the contact."""
        ...


class CountingWork(DeadlinesWork, Protocol):
    """The transaction of the loop that follows the calendar."""

    async def claim_outdated(self, most: int) -> list[Contact]:
        """Locks and loads contacts whose clocks count by a version that is no longer in force."""
        ...


class GivingUpWork(DeadlinesWork, Protocol):
    """The transaction that follows parked events which a person has given up."""

    async def claim_given_up(self) -> list[tuple[Contact, UUID]]:
        """Locks and loads contacts for which such an event still counts as unknown; each with that event's id."""
        ...


class FeedsWork(DeadlinesWork, Protocol):
    """The transaction of the loop that follows the milestone feeds."""

    async def find_switched(self, most: int) -> list[UUID]:
        """Contacts with clocks that are watched but should not be, or the other way round."""
        ...

    async def claim_switched(self, contact_ids: Sequence[UUID]) -> list[Contact]:
        """Locks and loads those of them that still have such clocks."""
        ...


class CalendarWork(Protocol):
    """The transaction in which a calendar is proposed or settled."""

    now: datetime

    @property
    def calendars(self) -> Calendars:
        """The versions."""
        ...

    @property
    def rulebooks(self) -> Rulebooks:
        """The policy versions."""
        ...
