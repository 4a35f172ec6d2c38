"""What notify's handlers and commands need of the world, as protocols."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.notify.domain.model import Contact, Ladder, Message, Receipt, Rota, Turn
from shared.contracts.envelope import Cause, EventData
from shared.policy.model import Pack
from shared.security.encryption import ContactCipher

from .webhooks import PartnerEvents


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at delivering a message, noted before the call is made. Times are real time."""

    message_id: UUID
    contact_id: UUID
    number: int
    channel: str
    template_hash: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """A member of staff says that the referrer was told: how and when, and a note under its key."""

    id: UUID
    contact_id: UUID
    message_ids: tuple[UUID, ...]
    how: str
    told_at: datetime
    told_by: str
    note: bytes | None


class Contacts(Protocol):
    """Contacts that this transaction has locked."""

    def of(self, contact_id: UUID) -> Contact:
        """What is known of it; empty where nothing is."""
        ...

    def known(self, contact_id: UUID) -> bool:
        """Whether anything is known of it."""
        ...


class Messages(Protocol):
    """Messages about the locked contacts."""

    def of(self, contact_id: UUID) -> Mapping[UUID, Message]:
        """All of them, by id."""
        ...

    def add(self, message: Message) -> bool:
        """Keeps a new message. False where one with its id was there: then nothing changes."""
        ...


class Ladders(Protocol):
    """Alert ladders of the locked contacts."""

    def of(self, contact_id: UUID) -> Sequence[Ladder]:
        """All of them."""
        ...

    def add(self, ladder: Ladder) -> None:
        """Begins a climb; where one for the same cause was begun, nothing changes."""
        ...


class Attempts(Protocol):
    """The record of tries."""

    def begin(self, attempt: Attempt) -> None:
        """Notes a try that is about to be made."""
        ...

    def end(
        self,
        message_id: UUID,
        number: int,
        *,
        outcome: str,
        code: str | None,
        at: datetime,
        provider_id: str | None = None,
    ) -> None:
        """Notes how a try ended, and the provider's own name for it where it has one."""
        ...

    def receive(self, message_id: UUID, receipt: Receipt) -> None:
        """Notes what a provider said later of a try."""
        ...


class Told(Protocol):
    """What staff attest."""

    def add(self, attested: Attested) -> None:
        """Keeps it."""
        ...


class Packs(Protocol):
    """Policy packs by version."""

    @property
    def active(self) -> Pack:
        """The one in force here."""
        ...

    def exactly(self, policy_id: str, version: str, content_hash: str) -> Pack:
        """The version an event was made with. Where it is not to be had here the work waits, loudly."""
        ...

    def named(self, ref: str) -> Pack:
        """A version that `of` has given before, by its reference."""
        ...


class Rotas(Protocol):
    """Who is on duty."""

    async def read(self) -> tuple[int, Rota]:
        """The rota and its version."""
        ...

    async def write(self, rota: Rota, *, version: int, by: str) -> None:
        """Replaces the rota by its next version."""
        ...


class Turns(Protocol):
    """How often recipients of alerts have been written to, by the mark of their address and whether it pages."""

    async def lock(self, keys: Collection[tuple[bytes, bool]]) -> dict[tuple[bytes, bool], Turn]:
        """Locks and reads these."""
        ...

    async def save(self, turns: Iterable[Turn]) -> None:
        """Writes locked ones back."""
        ...


class Due(Protocol):
    """Finds and locks the contacts that have work due, passing over those that somebody else is working on."""

    async def messages(self, now: datetime, *, first: Collection[str], most: int) -> list[UUID]:
        """With a message to a referrer to send now (real time); those from the sources ``first`` before others."""
        ...

    async def alerts(self, now: datetime, business_now: datetime, *, most: int) -> list[UUID]:
        """With an alert to send now (real time) that does not gather any longer (business time)."""
        ...

    async def ladders(self, now: datetime, *, most: int) -> list[UUID]:
        """With a rung to alert (business time)."""
        ...

    async def unreceipted(self, now: datetime, *, most: int) -> list[UUID]:
        """With a message whose receipt is to be asked for now (real time)."""
        ...

    async def undelivered(self, *, person: datetime, page: datetime, most: int) -> list[UUID]:
        """With a message to the referrer unsent since ``person``, or needing a person since ``page`` unheard."""
        ...


class Work(Protocol):
    """One transaction. Handlers never commit it."""

    @property
    def now(self) -> datetime:
        """Business time."""
        ...

    @property
    def reaches(self) -> frozenset[str]:
        """The channels that this deployment has."""
        ...

    @property
    def contacts(self) -> Contacts: ...

    @property
    def messages(self) -> Messages: ...

    @property
    def ladders(self) -> Ladders: ...

    @property
    def attempts(self) -> Attempts: ...

    @property
    def told(self) -> Told: ...

    @property
    def packs(self) -> Packs: ...

    @property
    def days_off(self) -> Container[date]:
        """The bank holidays of the active pack's calendar."""
        ...

    @property
    def rota(self) -> Rotas: ...

    @property
    def turns(self) -> Turns: ...

    @property
    def due(self) -> Due: ...

    @property
    def partner_events(self) -> PartnerEvents: ...

    async def lock(self, contact_ids: Iterable[UUID]) -> None:
        """Locks and loads these contacts."""
        ...

    def erased(self, contact_id: UUID) -> bool:
        """Whether a locked contact has been forgotten."""
        ...

    async def forget(self, contact_id: UUID) -> None:
        """Erases a locked contact."""
        ...

    def cipher(self, contact_id: UUID) -> ContactCipher:
        """Seals a locked contact's columns."""
        ...

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        """Says something with the commit."""
        ...
