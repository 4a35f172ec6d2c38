"""To whom a message goes and by which channel: asked and chosen anew at every try, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.notify.application.commands.delivering import Errand
from services.notify.application.ports import AddressAway, AddressBook, Recipient, WebhookDirectory
from services.notify.domain.model import Contact
from services.notify.domain.policy import owed, routing
from services.notify.domain.policy.wording import CannotWrite
from shared.clock import Clock
from shared.logging import get_logger
from shared.metrics import Metrics

ALARM_SECONDS: Final = 600
log = get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """The way chosen, the address on it, all the ways there are; and the sender's own reference, for the letter."""

    reach: str
    to: str
    ways: tuple[str, ...] = ()
    sender_reference: str | None = None


@dataclass(kw_only=True)
class Addressing:
    """Finds addresses: referrers' at intake, organisations' in the directory of webhooks."""

    book: AddressBook
    directory: WebhookDirectory | None
    reaches: frozenset[str]
    metrics: Metrics
    clock: Clock
    away_since: float | None = None
    """Since when (monotonic) no address could be had."""

    async def find(self, errand: Errand) -> Addressed:
        """Where this message goes now. Raises AddressAway, or CannotWrite where a person must act."""
        try:
            recipient = await self.book.recipient(errand.message.contact_id)
        except AddressAway as away:
            self._count_away(away.reason)
            raise
        self.away_since = None
        if recipient is None:
            raise CannotWrite("recipient_unknown")
        return await self._referrer(errand, recipient)

    async def _referrer(self, errand: Errand, recipient: Recipient) -> Addressed:
        found = {routing.EMAIL: recipient.email, routing.SMS: recipient.mobile}
        found[routing.WEBHOOK] = await self._organisation(errand.contact)
        has = {reach: address for reach, address in found.items() if address is not None}
        ways = routing.ways(has, self.reaches)
        chosen = routing.choose(ways, errand.message.refused, errand.age)
        if chosen is None:
            raise CannotWrite("every_channel_refused" if ways else "no_address")
        return Addressed(reach=chosen, to=has[chosen], ways=ways, sender_reference=recipient.sender_reference)

    async def _organisation(self, contact: Contact) -> str | None:
        """The referrer's organisation, where it takes messages in a system of its own; a professional's only."""
        organisation = contact.organisation_id
        if self.directory is None or organisation is None or contact.referrer_kind not in owed.PROFESSIONALS:
            return None
        return organisation if await self.directory.takes_messages(organisation) else None

    def _count_away(self, reason: str) -> None:
        now = self.clock.monotonic()
        self.away_since = now if self.away_since is None else self.away_since
        self.metrics.infrastructure_wait("recipient_address")
        if now - self.away_since >= ALARM_SECONDS:
            log.error("no referrer's address to be had: nobody is told", reason=reason, seconds=now - self.away_since)
