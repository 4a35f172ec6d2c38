"""Carries letters to referrers: lease and commit, ask for the address, write, note the attempt, send, record.

No transaction is open while intake or a mail server is talked to. Whatever breaks in between, the lease runs out and
the next worker sends the same letter under the same message id: a duplicate notice is better than none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from services.notify.adapters.repositories import NotifyUnitOfWork, PackShelf
from services.notify.application.commands import delivering
from services.notify.application.commands.delivering import Errand
from services.notify.application.ports import (
    AddressAway,
    AddressBook,
    Channel,
    Letter,
    Recipient,
    SendResult,
    TryLater,
)
from services.notify.domain.policy.wording import CannotWrite, words_for
from shared.clock import Clock
from shared.database.faults import NotYet
from shared.logging import bound, get_logger
from shared.metrics import Metrics
from shared.security.encryption import BlindIndex

from .letters import LetterTemplates
from .mail import masked
from .wordings import take_newest

BATCH: Final = 20
CONNECTIONS: Final = 4
"""Many letters are on their way at once, but the pool of connections is shared with the consumer."""
ALARM_SECONDS: Final = 600
log = get_logger()


@dataclass(kw_only=True)
class Courier:
    """Delivers what is due. Any number of couriers may work on one database."""

    open_work: Callable[[], NotifyUnitOfWork]
    channel: Channel
    address_book: AddressBook
    packs: PackShelf
    templates: LetterTemplates
    phone: str
    blind_index: BlindIndex
    metrics: Metrics
    clock: Clock
    new_token: Callable[[], UUID]
    chance: Callable[[], float]
    away_since: float | None = None
    """Since when (monotonic) no address could be had."""
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))

    async def deliver_due(self) -> bool:
        """One round over what is due; each message on its own. True where there may be more."""
        async with self.open_work() as work:
            errands = await delivering.lease_due(work, now=self.clock.now(), token=self.new_token(), most=BATCH)
            if errands:
                await take_newest(work, self.templates)
            await work.commit()
        ends = await asyncio.gather(*(self.deliver(errand) for errand in errands), return_exceptions=True)
        for fault in ends:
            if fault is not None:
                raise fault  # the database is away: only when every other letter has been dealt with
        return len(errands) >= BATCH

    async def deliver(self, errand: Errand) -> None:
        """One message, from address to record."""
        with bound(contact_id=errand.message.contact_id, notification_id=errand.message.id):
            try:
                letter = await self._letter(errand)
            except AddressAway as away:
                self._count_away(away.reason)
                await self._put_off(errand, away.reason)
                return
            except NotYet:
                log.exception("a decision cannot be put into words yet")
                await self._put_off(errand, "policy_missing")
                return
            except CannotWrite as fault:
                log.exception("no machine can deliver this message", reason=fault.reason)
                async with self._turns, self.open_work() as work:
                    await delivering.give_up(work, errand, reason=fault.reason)
                    await work.commit()
                return
            number = await self._begin(errand, letter)
            if number is not None:
                await self._record(errand, number, await self._send(letter))

    async def _letter(self, errand: Errand) -> Letter:
        """Address and words. Raises AddressAway, or CannotWrite where a person must act."""
        words = words_for(errand.message, errand.contact, self.packs.find)
        recipient = await self._recipient(errand)
        if recipient.email is None:
            raise CannotWrite("no_address")
        words |= {"sender_reference": recipient.sender_reference, "phone": self.phone}
        written = self.templates.write(errand.message.template, words)
        return Letter(
            message_id=errand.message.id,
            to=recipient.email,
            subject=written.subject,
            body=written.body,
            template_hash=written.template_hash,
        )

    async def _recipient(self, errand: Errand) -> Recipient:
        recipient = await self.address_book.recipient(errand.message.contact_id)
        self.away_since = None
        if recipient is None:
            raise CannotWrite("recipient_unknown")
        return recipient

    async def _send(self, letter: Letter) -> SendResult:
        try:
            return await self.channel.send(letter)
        except Exception as fault:  # a fault in one channel must not stop every other message
            log.exception("the channel failed", channel=self.channel.name)
            return TryLater(f"fault_{type(fault).__name__}")

    def _count_away(self, reason: str) -> None:
        now = self.clock.monotonic()
        self.away_since = now if self.away_since is None else self.away_since
        self.metrics.infrastructure_wait("recipient_address")
        if now - self.away_since >= ALARM_SECONDS:
            log.error("no referrer's address to be had: nobody is told", reason=reason, seconds=now - self.away_since)

    async def _put_off(self, errand: Errand, reason: str) -> None:
        async with self._turns, self.open_work() as work:
            await delivering.put_off(work, errand, reason=reason, now=self.clock.now(), chance=self.chance())
            await work.commit()

    async def _begin(self, errand: Errand, letter: Letter) -> int | None:
        async with self._turns, self.open_work() as work:
            number = await delivering.begin_attempt(
                work,
                errand,
                letter=letter,
                channel=self.channel.name,
                masked=masked(letter.to),
                mark=self.blind_index.of("recipient address", letter.to),
                now=self.clock.now(),
            )
            await work.commit()
        return number

    async def _record(self, errand: Errand, number: int, result: SendResult) -> None:
        self.metrics.delivered(self.channel.name, type(result).__name__.lower())
        log.info("attempt made", attempt=number, channel=self.channel.name, outcome=type(result).__name__.lower())
        async with self._turns, self.open_work() as work:
            await delivering.record(
                work, errand, number=number, result=result, now=self.clock.now(), chance=self.chance()
            )
            await work.commit()
