"""What intake's handlers need of the outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.contracts.envelope import Cause, EventData


class Contacts(Protocol):
    """The contacts locked by this unit of work."""

    def heard(self, contact_id: UUID, *, event_id: UUID, what: str, at: datetime, stage: str | None = None) -> None:
        """Notes what another service said of a contact; ``stage`` moves the contact on, never back."""
        ...

    def rated(self, contact_id: UUID, at: datetime) -> None:
        """The echo of our announcement: triage has rated the contact."""
        ...


class IntakeWork(Protocol):
    """One unit of work of intake's worker or staff routes."""

    now: datetime

    @property
    def contacts(self) -> Contacts:
        """The locked contacts."""
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
