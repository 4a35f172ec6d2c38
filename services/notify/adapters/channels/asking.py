"""Asks providers what came of what they took, where no receipt has told us."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands.receipts import Unreceipted, claim_unreceipted, hear_receipt
from services.notify.application.ports import Receipts
from shared.clock import Clock
from shared.logging import bound, get_logger

BATCH: Final = 20
AT_ONCE: Final = 4
"""A provider that hangs is waited for by four at a time, well within the time of a round."""
log = get_logger()


@dataclass(frozen=True, kw_only=True)
class ReceiptAsker:
    """Any number may ask at once: who has claimed a message asks for it, the next one two minutes later."""

    open_work: Callable[[], NotifyUnitOfWork]
    providers: Mapping[str, Receipts]
    """By the name of the channel that handed it over."""
    clock: Clock
    chance: Callable[[], float]

    async def ask(self) -> bool:
        """One round over what is due to be asked for. True where there may be more."""
        async with self.open_work() as work:
            claimed = await claim_unreceipted(work, now=self.clock.now(), most=BATCH)
            await work.commit()
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask(one: Unreceipted) -> None:
            async with turns:
                with bound(contact_id=one.contact_id, notification_id=one.message_id):
                    await self._ask(one)

        await asyncio.gather(*(ask(one) for one in claimed))
        return len(claimed) >= BATCH

    async def _ask(self, one: Unreceipted) -> None:
        provider = self.providers.get(one.channel)
        receipt = await provider.receipt(one.provider_id) if provider else None
        if receipt is None:
            return
        log.info("receipt asked for", channel=one.channel, code=receipt.code)
        async with self.open_work() as work:
            await hear_receipt(work, one.contact_id, one.message_id, receipt, chance=self.chance())
            await work.commit()
