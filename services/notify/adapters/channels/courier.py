"""Carries letters to referrers: lease and commit, ask for the address, write, note the attempt, send, record.

No transaction is open while intake or a provider is talked to. Whatever breaks in between, the lease runs out and the
next worker sends the same letter under the same message id: a duplicate notice is better than none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands import delivering
from services.notify.application.commands.delivering import Errand, Way
from services.notify.application.ports import AddressAway, Channel, Letter, SendResult
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
from .under_way import UnderWay, send
from .wordings import take_newest
from .writing import Writer

UNDER_WAY: Final = 60
"""So many at once: a dozen hosts that hang, four letters at each, leave room for the others."""
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
    under_way: UnderWay = field(default_factory=UnderWay)

    async def deliver_due(self) -> bool:
        """One round over what is due; each message on its own. True where there may be more.

        A letter whose host is slow stays under way while the next rounds go on. Raises what broke in a letter that has
        ended (the database is away), once the others of the round have been dealt with.
        """
        most = UNDER_WAY - len(self.under_way)
        errands: list[Errand] = []
        if most > 0:
            async with self.open_work() as work:
                errands = await delivering.lease_due(work, now=self.clock.now(), token=self.new_token(), most=most)
                if errands:
                    await take_newest(work, self.writer.templates)
                await work.commit()
        await self.under_way.add(self.deliver(errand) for errand in errands)
        return most > 0 and len(errands) >= most

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
                async with self.under_way.turns, self.open_work() as work:
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
            result = None if number is None else await send(channel, letter, self.metrics)
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

    async def _put_off(self, errand: Errand, reason: str, *, until: datetime | None = None) -> None:
        soon = self.clock.now() + schedule.spread(schedule.ADDRESS_AWAY_SECONDS, chance=self.chance())
        async with self.under_way.turns, self.open_work() as work:
            await delivering.put_off(work, errand, reason=reason, next_try_at=until or soon)
            await work.commit()

    async def _begin(self, errand: Errand, letter: Letter, way: Way) -> int | None:
        async with self.under_way.turns, self.open_work() as work:
            number = await delivering.begin_attempt(work, errand, letter=letter, way=way, now=self.clock.now())
            await work.commit()
        return number

    async def _record(self, errand: Errand, number: int, way: Way, result: SendResult) -> None:
        self.metrics.delivered(way.channel, result.outcome)
        log.info("attempt made", attempt=number, channel=way.channel, outcome=result.outcome)
        now, chance = self.clock.now(), self.chance()
        async with self.under_way.turns, self.open_work() as work:
            await delivering.record(work, errand, number=number, way=way, result=result, now=now, chance=chance)
            await work.commit()
