"""Carries alerts to whoever is on duty: one letter for all that go to the same recipient now.

The steps are the courier's: lease and commit, write, note the attempts, send, record. Whatever breaks in between, the
leases run out and the alerts go again: told twice is better than not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from services.notify.adapters.repositories import NotifyUnitOfWork, PackShelf
from services.notify.application.commands import alerting
from services.notify.application.commands.alerting import Bundle, Ways
from services.notify.application.commands.delivering import Errand
from services.notify.application.ports import Channel, Letter, SendResult, TryLater
from services.notify.domain.policy.wording import AlertWords, CannotWrite, alert_words
from shared.clock import Clock
from shared.database.faults import NotYet
from shared.logging import get_logger
from shared.metrics import Metrics

from .letters import LetterTemplates
from .mail import masked
from .wordings import take_newest

BATCH: Final = 500
"""Contacts whose alerts one round takes: as many as one e-mail lists."""
TEXT: Final = "sms"
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
    staff_url: str
    metrics: Metrics
    clock: Clock
    new_token: Callable[[], UUID]
    chance: Callable[[], float]

    async def deliver_due(self) -> bool:
        """One round: a letter to each recipient whose turn it is. True where there may be more."""
        async with self.open_work() as work:
            bundles, more = await alerting.lease_alerts(
                work, self.ways, now=self.clock.now(), token=self.new_token(), most=BATCH
            )
            if bundles:
                await take_newest(work, self.templates)
            await work.commit()
        ends = await asyncio.gather(*(self.deliver(bundle) for bundle in bundles), return_exceptions=True)
        for fault in ends:
            if fault is not None:
                raise fault  # the database is away: only when every other letter has been dealt with
        return more

    async def deliver(self, bundle: Bundle) -> None:
        """One letter, from its words to its record."""
        try:
            letter = self._letter(bundle, bundle.errands)
        except CannotWrite as fault:
            log.exception("no machine can deliver these alerts", reason=fault.reason, count=len(bundle.errands))
            async with self.open_work() as work:
                await alerting.give_up(work, bundle, reason=fault.reason)
                await work.commit()
            return
        numbers = await self._begin(bundle, letter)
        if not numbers:
            return
        held = [errand for errand in bundle.errands if errand.message.id in numbers]
        await self._record(bundle, numbers, await self._send(bundle, self._letter(bundle, held)))

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
        written = self.templates.write(template, values)
        return Letter(
            message_id=message_id,
            to=bundle.whom.reach.address,
            subject=written.subject,
            body=written.body,
            template_hash=written.template_hash,
        )

    def _words(self, errand: Errand) -> AlertWords:
        link = self.staff_url.format(contact_id=errand.message.contact_id)
        try:
            pack = self.packs.find(errand.contact.policy)
        except NotYet:
            pack = None
        return alert_words(errand.contact, pack, link=link)

    async def _begin(self, bundle: Bundle, letter: Letter) -> dict[UUID, int]:
        async with self.open_work() as work:
            numbers = await alerting.begin(
                work,
                bundle,
                letter=letter,
                channel=self._channel(bundle).name,
                masked=masked(letter.to),
                now=self.clock.now(),
            )
            await work.commit()
        return numbers

    async def _send(self, bundle: Bundle, letter: Letter) -> SendResult:
        channel = self._channel(bundle)
        try:
            return await channel.send(letter)
        except Exception as fault:  # a fault in one channel must not stop every other alert
            log.exception("the channel failed", channel=channel.name)
            return TryLater(f"fault_{type(fault).__name__}")

    async def _record(self, bundle: Bundle, numbers: dict[UUID, int], result: SendResult) -> None:
        outcome, channel = type(result).__name__.lower(), self._channel(bundle).name
        self.metrics.delivered(channel, outcome)
        log.info("alerts sent", count=len(numbers), channel=channel, outcome=outcome)
        async with self.open_work() as work:
            await alerting.record(work, bundle, numbers, result=result, now=self.clock.now(), chance=self.chance())
            await work.commit()

    def _channel(self, bundle: Bundle) -> Channel:
        return self.channels[bundle.whom.reach.channel]


def _digest(bundle: Bundle) -> str:
    if bundle.whom.reach.channel == TEXT:
        return "duty-text-digest"
    return "duty-alert-digest" if bundle.whom.pages else "duty-reminder-digest"
