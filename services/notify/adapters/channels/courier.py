"""Carries letters to referrers: lease and commit, ask for the address, write, note the attempt, send, record.

No transaction is open while intake or a provider is talked to. Whatever breaks in between, the lease runs out and the
next worker sends the same letter under the same message id: a duplicate notice is better than none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands import delivering
from services.notify.application.commands.delivering import Errand, Way
from services.notify.application.ports import AddressAway, Channel, Letter, SendResult, TryLater, Why
from services.notify.domain.policy import schedule
from services.notify.domain.policy.wording import CannotWrite
from shared.clock import Clock
from shared.database.faults import NotYet
from shared.logging import bound, get_logger
from shared.metrics import Metrics
from shared.security.encryption import BlindIndex

from .addressing import Addressed, Addressing
from .gate import Gate
from .mail import masked
from .wordings import take_newest
from .writing import Writer

UNDER_WAY: Final = 60
"""So many at once: a dozen hosts that hang, four letters at each, leave room for the others."""
CONNECTIONS: Final = 4
"""Many letters are on their way at once, but the pool of connections is shared with the consumer."""
PATIENCE_SECONDS: Final = 0.5
log = get_logger()


@dataclass(kw_only=True)
class Courier:
    """Delivers what is due. Any number of couriers may work on one database."""

    open_work: Callable[[], NotifyUnitOfWork]
    channels: Mapping[str, Channel]
    """By what they reach: ``email``, ``sms``, ``webhook``."""
    addressing: Addressing
    writer: Writer
    blind_index: BlindIndex
    metrics: Metrics
    clock: Clock
    new_token: Callable[[], UUID]
    chance: Callable[[], float]
    gate: Gate = field(default_factory=Gate)
    patience: float = PATIENCE_SECONDS
    """How long a round waits for its letters (seconds) before the next begins without those that are still out."""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))

    async def deliver_due(self) -> bool:
        """One round over what is due; each message on its own. True where there may be more.

        A letter whose host is slow stays under way while the next rounds go on. Raises what broke in a letter that has
        ended (the database is away), once the others of the round have been dealt with.
        """
        most = UNDER_WAY - len(self._under_way)
        errands: list[Errand] = []
        if most > 0:
            async with self.open_work() as work:
                errands = await delivering.lease_due(work, now=self.clock.now(), token=self.new_token(), most=most)
                if errands:
                    await take_newest(work, self.writer.templates)
                await work.commit()
        self._under_way |= {asyncio.create_task(self.deliver(errand)) for errand in errands}
        await self._settle()
        return most > 0 and len(errands) >= most

    async def close(self) -> None:
        """Lets go of what is still under way: its lease runs out and the next worker carries on."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._under_way.clear()

    async def _settle(self) -> None:
        if not self._under_way:
            return
        ended, self._under_way = await asyncio.wait(self._under_way, timeout=self.patience)
        for fault in [task.exception() for task in ended if not task.cancelled()]:
            if fault is not None:
                raise fault

    async def deliver(self, errand: Errand) -> None:
        """One message, from address to record."""
        with bound(contact_id=errand.message.contact_id, notification_id=errand.message.id):
            try:
                addressed = await self.addressing.find(errand)
                letter = self.writer.letter(errand, addressed)
            except AddressAway as away:
                await self._put_off(errand, away.reason)
            except NotYet:
                log.exception("a decision cannot be put into words yet")
                await self._put_off(errand, "policy_missing")
            except CannotWrite as fault:
                log.exception("no machine can deliver this message", reason=fault.reason)
                async with self._turns, self.open_work() as work:
                    await delivering.give_up(work, errand, reason=fault.reason)
                    await work.commit()
            else:
                await self._through_the_gate(errand, addressed, letter)

    async def _through_the_gate(self, errand: Errand, addressed: Addressed, letter: Letter) -> None:
        channel = self.channels[addressed.reach]
        host = channel.host(letter)
        shut = await self.gate.enter(host, self.clock, chance=self.chance())
        if shut is not None:
            await self._put_off(errand, shut.reason, until=shut.until)
            return
        result: SendResult | None = None
        try:
            way = self._way(addressed, channel)
            number = await self._begin(errand, letter, way)
            result = None if number is None else await self._send(channel, letter)
        finally:
            self.gate.leave(host, result, self.clock.now())
        if number is not None and result is not None:
            await self._record(errand, number, way, result)

    def _way(self, addressed: Addressed, channel: Channel) -> Way:
        return Way(
            channel=channel.name,
            reach=addressed.reach,
            ways=addressed.ways,
            masked=masked(addressed.to),
            mark=self.blind_index.of("recipient address", addressed.to),
        )

    async def _send(self, channel: Channel, letter: Letter) -> SendResult:
        try:
            result = await channel.send(letter)
        except Exception as fault:  # a fault in one channel must not stop every other message
            log.exception("the channel failed", channel=channel.name)
            return TryLater(f"fault_{type(fault).__name__}")
        if isinstance(result, TryLater) and result.why is Why.OURS:
            log.error("our set-up is refused: nobody is told by this channel", channel=channel.name, code=result.code)
            self.metrics.infrastructure_wait(f"channel_{channel.name}")
        return result

    async def _put_off(self, errand: Errand, reason: str, *, until: datetime | None = None) -> None:
        soon = self.clock.now() + schedule.spread(schedule.ADDRESS_AWAY_SECONDS, chance=self.chance())
        async with self._turns, self.open_work() as work:
            await delivering.put_off(work, errand, reason=reason, next_try_at=until or soon)
            await work.commit()

    async def _begin(self, errand: Errand, letter: Letter, way: Way) -> int | None:
        async with self._turns, self.open_work() as work:
            number = await delivering.begin_attempt(work, errand, letter=letter, way=way, now=self.clock.now())
            await work.commit()
        return number

    async def _record(self, errand: Errand, number: int, way: Way, result: SendResult) -> None:
        self.metrics.delivered(way.channel, result.outcome)
        log.info("attempt made", attempt=number, channel=way.channel, outcome=result.outcome)
        now, chance = self.clock.now(), self.chance()
        async with self._turns, self.open_work() as work:
            await delivering.record(work, errand, number=number, way=way, result=result, now=now, chance=chance)
            await work.commit()
