"""Carries alerts to whoever is on duty: one letter for all that go to the same recipient now.

The steps are the courier's: lease and commit, write, note the attempts, send, record. Whatever breaks in between, the
leases run out and the alerts go again: told twice is better than not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid5

from services.notify.adapters.repositories import NotifyUnitOfWork, PackShelf
from services.notify.application.commands import alerting
from services.notify.application.commands.alerting import Bundle, Ways
from services.notify.application.commands.delivering import Errand, Way
from services.notify.application.ports import Channel, Letter, SendResult
from services.notify.domain.policy.routing import SMS
from services.notify.domain.policy.templates import template_for
from services.notify.domain.policy.wording import AlertWords, CannotWrite, alert_words
from shared.clock import Clock
from shared.database.faults import NotYet
from shared.logging import get_logger
from shared.metrics import Metrics
from shared.security.encryption import BlindIndex

from .gate import Gate
from .letters import LetterTemplates
from .mail import masked
from .under_way import UnderWay, send
from .wordings import take_newest

BATCH: Final = 500
"""Contacts whose alerts one round takes: as many as one e-mail lists."""
log = get_logger()


@dataclass(kw_only=True)
class AlertCourier:
    """Delivers the alerts that are due. Any number may work on one database."""

    open_work: Callable[[], NotifyUnitOfWork]
    channels: Mapping[str, Channel]
    """By the name that the rota calls them; "email" is always there."""
    ways: Ways
    packs: PackShelf
    templates: LetterTemplates
    blind_index: BlindIndex
    staff_url: str
    metrics: Metrics
    clock: Clock
    new_token: Callable[[], UUID]
    chance: Callable[[], float]
    gate: Gate = field(default_factory=Gate)
    under_way: UnderWay = field(default_factory=UnderWay)

    async def deliver_due(self) -> bool:
        """One round: a letter to each recipient whose turn it is. True where there may be more."""
        async with self.open_work() as work:
            bundles, more = await alerting.lease_alerts(
                work, self.ways, now=self.clock.now(), token=self.new_token(), most=BATCH
            )
            if bundles:
                await take_newest(work, self.templates)
            await work.commit()
        await self.under_way.add(self.deliver(bundle) for bundle in bundles)
        return more

    async def deliver(self, bundle: Bundle) -> None:
        """One letter, from its words to its record."""
        try:
            letter = self._letter(bundle, bundle.errands)
        except CannotWrite as fault:
            log.exception("no machine can deliver these alerts", reason=fault.reason, count=len(bundle.errands))
            async with self.under_way.turns, self.open_work() as work:
                await alerting.give_up(work, bundle, reason=fault.reason)
                await work.commit()
            return
        await self._through_the_gate(bundle, letter)

    async def _through_the_gate(self, bundle: Bundle, letter: Letter) -> None:
        host = self._channel(bundle).host(letter)
        shut = await self.gate.enter(host, self.clock, chance=self.chance())
        if shut is not None:
            async with self.under_way.turns, self.open_work() as work:
                await alerting.put_off(work, bundle, reason=shut.reason, until=shut.until)
                await work.commit()
            return
        result: SendResult | None = None
        try:
            numbers = await self._begin(bundle, letter)
            held = [errand for errand in bundle.errands if errand.message.id in numbers]
            result = await send(self._channel(bundle), self._letter(bundle, held), self.metrics) if held else None
        finally:
            self.gate.leave(host, result, self.clock.now())
        if result is not None:
            await self._record(bundle, numbers, result)

    def _letter(self, bundle: Bundle, errands: Collection[Errand]) -> Letter:
        """The words for these alerts. Those that have been lost meanwhile (erased, say) are not among them."""
        words = [self._words(errand) for errand in errands]
        if len(bundle.errands) == 1:
            (errand,), (one,) = errands, words
            message_id, template = errand.message.id, errand.message.template
            values: dict[str, object] = {"reference": one.reference, "rating": one.rating, "link": one.link}
        else:
            ids = sorted(str(errand.message.id) for errand in errands)
            message_id, template = uuid5(bundle.errands[0].message.id, "|".join(ids)), _digest(bundle)
            values = {"count": len(words), "alerts": words}
        written = self.templates.write(template_for(template, short=bundle.whom.reach.channel == SMS), values)
        return Letter(
            message_id=message_id,
            to=bundle.whom.reach.address,
            subject=written.subject,
            body=written.body,
            template_hash=written.template_hash,
            live_links=True,
            again=any(errand.message.attempts for errand in errands),
        )

    def _words(self, errand: Errand) -> AlertWords:
        link = self.staff_url.format(contact_id=errand.message.contact_id)
        try:
            pack = self.packs.find(errand.contact.policy)
        except NotYet:
            pack = None
        return alert_words(errand.contact, pack, link=link)

    async def _begin(self, bundle: Bundle, letter: Letter) -> dict[UUID, int]:
        async with self.under_way.turns, self.open_work() as work:
            numbers = await alerting.begin(
                work,
                bundle,
                letter=letter,
                way=self._way(bundle),
                now=self.clock.now(),
            )
            await work.commit()
        return numbers

    async def _record(self, bundle: Bundle, numbers: dict[UUID, int], result: SendResult) -> None:
        way = self._way(bundle)
        self.metrics.delivered(way.channel, result.outcome)
        log.info("alerts sent", count=len(numbers), channel=way.channel, outcome=result.outcome)
        now, chance = self.clock.now(), self.chance()
        async with self.under_way.turns, self.open_work() as work:
            await alerting.record(work, bundle, numbers, way=way, result=result, now=now, chance=chance)
            await work.commit()

    def _way(self, bundle: Bundle) -> Way:
        reach = bundle.whom.reach
        return Way(
            channel=self._channel(bundle).name,
            reach=reach.channel,
            ways=(reach.channel,),
            masked=masked(reach.address),
            mark=self.blind_index.of("recipient address", reach.address),
        )

    def _channel(self, bundle: Bundle) -> Channel:
        return self.channels[bundle.whom.reach.channel]


def _digest(bundle: Bundle) -> str:
    return "duty-alert-digest" if bundle.whom.pages else "duty-reminder-digest"
