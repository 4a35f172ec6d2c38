"""What the handlers need of their unit of work."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.explanation import Explanation
from services.deadlines.domain.model.tally import Tally
from services.deadlines.domain.policy.rulebook import Rulebook
from shared.contracts.envelope import Cause, EventData
from shared.security.encryption import ContactCipher


class Contacts(Protocol):
    """The locked contacts."""

    def get(self, contact_id: UUID) -> Contact:
        """The contact, new where nobody has heard of it yet. Raises KeyError for one that was not locked."""
        ...


class Tallies(Protocol):
    """The locked contacts as the monthly measures count them."""

    def get(self, contact_id: UUID) -> Tally:
        """The contact's tally, empty where nothing has been heard of it yet. Raises KeyError for one not locked."""
        ...


class Rulebooks(Protocol):
    """The policy versions that are installed here."""

    active: Rulebook

    def named(self, policy_id: str, version: str, content_hash: str) -> Rulebook:
        """Exactly this version. Raises what makes the consumer wait where it is not here."""
        ...

    def of(self, ref: str | None) -> Rulebook:
        """The version of this reference, the active one of None."""
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
