"""What the handlers and commands of partners' webhooks need of the world."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.notify.domain.model.webhook import Webhook
from services.notify.domain.model.webhook_delivery import PartnerEvent, WebhookDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One leased delivery with what is to be sent, and the claim on it."""

    webhook: Webhook
    event: PartnerEvent
    number: int
    token: UUID


class PartnerEvents(Protocol):
    """What happened to the locked contacts, as partners may know it; written with the commit, for whoever listens."""

    def note(self, event: PartnerEvent, *, organisation: str | None) -> None:
        """Notes it for the organisation's webhooks. Told before, nothing changes. ``organisation`` None: of whichever
        organisation an earlier event of this contact was.
        """
        ...


class Webhooks(Protocol):
    """Partners' registrations."""

    async def of(self, organisation: str | None) -> Sequence[Webhook]:
        """An organisation's, or all, in the order they were made."""
        ...

    async def one(self, webhook_id: UUID, *, lock: bool = False) -> Webhook | None:
        """One of them, whoever's it is."""
        ...

    async def lock_organisation(self, organisation: str) -> None:
        """Makes a second registration of the same organisation wait for the first."""
        ...

    async def keep(self, webhook: Webhook) -> None:
        """Writes it."""
        ...

    async def remove(self, webhook_id: UUID) -> None:
        """Deletes it with everything that was on its way to it."""
        ...

    async def failing_since(self, before: datetime, *, most: int) -> Sequence[Webhook]:
        """Active ones that have accepted nothing since before this moment, locked."""
        ...


class WebhookDeliveries(Protocol):
    """Events on their way to webhooks."""

    async def due(self, now: datetime, *, besides: Collection[UUID], most: int) -> Sequence[UUID]:
        """Active webhooks for which something is due, the longest waiting first."""
        ...

    async def lease(self, webhook: Webhook, *, now: datetime, token: UUID, most: int) -> Sequence[Parcel]:
        """Takes what is due to one webhook, and notes each attempt. Of one contact an event goes out only when those
        before it were tried.
        """
        ...

    async def delay(self, webhook_id: UUID, *, now: datetime, until: datetime) -> None:
        """Puts off what is due; no attempt is spent."""
        ...

    async def one(self, event_id: UUID, webhook_id: UUID) -> WebhookDelivery | None:
        """One delivery, locked."""
        ...

    async def keep(self, delivery: WebhookDelivery) -> None:
        """Writes it."""
        ...

    async def end_attempt(self, parcel: Parcel, *, at: datetime, outcome: str, code: str) -> None:
        """Notes how an attempt ended."""
        ...

    async def add(self, event: PartnerEvent, webhook: Webhook, *, now: datetime) -> None:
        """An event for this one webhook alone: a ping."""
        ...

    async def replay(
        self, webhook: Webhook, *, since: datetime, now: datetime, most: int
    ) -> tuple[int, datetime | None]:
        """Sends again what was made since then; how many, and from when on there is more."""
        ...

    async def give_up(self, *, before: datetime, now: datetime, most: int) -> int:
        """Ends those that were made (or replayed) before this moment and never accepted. How many."""
        ...


class WebhookWork(Protocol):
    """One transaction over webhooks."""

    @property
    def webhooks(self) -> Webhooks: ...

    @property
    def webhook_deliveries(self) -> WebhookDeliveries: ...


class WebhookDirectory(Protocol):
    """Which organisations take their messages by webhook."""

    async def takes_messages(self, organisation_id: str) -> bool:
        """Whether an active webhook of this organisation asked for messages."""
        ...
