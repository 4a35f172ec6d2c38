"""Carries events to partners: lease and commit, call, record. One receiver that hangs delays nobody else.

Calls go on beside the loop that starts them. Each host has at most four at once, and one that its circuit breaker
leaves alone has none; what is not sent waits in the database with its own time, and no attempt is spent on it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands import posting
from services.notify.application.ports.webhooks import Parcel
from services.notify.domain.model.breaker import Breaker
from services.notify.domain.model.webhook import Webhook
from services.notify.domain.model.webhook_delivery import PartnerEvent
from services.notify.domain.policy.webhook_answers import (
    AT_ONCE_A_HOST,
    KEPT_FOR,
    Answer,
    Verdict,
    rests_until,
)
from shared.clock import Clock
from shared.logging import bound, get_logger
from shared.metrics import Metrics

from .webhook_post import WebhookPost

AT_ONCE: Final = 64
"""Calls in all. Sixteen receivers would have to hang at the same moment before another waits, and for seconds only."""
CONNECTIONS: Final = 4
"""Many calls are on their way at once, but the pool of connections is shared with the consumer."""
WAIT_SECONDS: Final = 0.25
TIDY_MOST: Final = 1000
CHANNEL: Final = "webhook"
log = get_logger()


@dataclass(kw_only=True)
class WebhookSender:
    """Sends what is due. Any number of senders may work on one database; bounds and breaker are each one's own."""

    open_work: Callable[[], NotifyUnitOfWork]
    post: WebhookPost
    metrics: Metrics
    clock: Clock
    new_token: Callable[[], UUID]
    chance: Callable[[], float]
    patience_seconds: float = 5
    breaker: Breaker = field(default_factory=Breaker)
    _flying: dict[asyncio.Task[None], Parcel] = field(default_factory=dict[asyncio.Task[None], Parcel])
    _hosts: Counter[str] = field(default_factory=Counter[str])
    _rests: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))

    async def send_due(self) -> bool:
        """Starts what is due and may be sent, then waits a moment for something to end. True: look again at once."""
        self._raise_faults()
        if len(self._flying) < AT_ONCE:
            for parcel in await self._lease():
                task = asyncio.create_task(self._deliver(parcel))
                self._flying[task] = parcel
                self._hosts[self._host(parcel.webhook)] += 1
        if not self._flying:
            return False
        await asyncio.wait(self._flying, timeout=WAIT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        return True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Waits a little for what is being sent, then lets go of it: its lease runs out, and it is sent again under the
        same id.
        """
        if self._flying and self.patience_seconds:
            await asyncio.wait(self._flying, timeout=self.patience_seconds)
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
        self._flying.clear()
        self._hosts.clear()

    async def tidy(self) -> bool:
        """Gives up what nobody took for days, stops sending where nothing is taken, forgets what is old; counts all."""
        now = self.clock.now()
        async with self.open_work() as work:
            disabled = await posting.disable_failing(work, now=now, most=TIDY_MOST)
            given_up = await posting.give_up_old(work, now=now, most=TIDY_MOST)
            await work.webhook_deliveries.prune(before=now - KEPT_FOR)
            await self._measure(work, now)
            await work.commit()
        for webhook in disabled:
            log.error("a webhook accepts nothing any more: disabled", webhook_id=webhook.id)
        if given_up:
            self.metrics.webhooks_given_up(given_up)
            log.error("events were given up: their receivers took nothing for days", count=given_up)
        return given_up >= TIDY_MOST

    async def _lease(self) -> list[Parcel]:
        now, token = self.clock.now(), self.new_token()
        parcels: list[Parcel] = []
        async with self._turns, self.open_work() as work:
            free = AT_ONCE - len(self._flying)
            ids = await work.webhook_deliveries.due(now, besides=self._busy(), most=free)
            found = await work.webhooks.some(ids)
            for webhook in (found[each] for each in ids if each in found):
                parcels += await self._lease_for(work, webhook, now, token, leased=parcels, free=free)
            await work.commit()
        return parcels

    async def _lease_for(
        self, work: NotifyUnitOfWork, webhook: Webhook, now: datetime, token: UUID, *, leased: list[Parcel], free: int
    ) -> list[Parcel]:
        """``leased``: so far in this round. They take a host's places only once they are committed and on their way."""
        host = self._host(webhook)
        taken = self._hosts[host] + sum(self._host(each.webhook) == host for each in leased)
        room = min(AT_ONCE_A_HOST - taken, free - len(leased))
        if room <= 0:
            return []
        probe = self.breaker.is_open(host)
        until = self._rest(webhook.id, now) or self.breaker.closed_until(host, now)
        if until is not None:
            await work.webhook_deliveries.delay(webhook.id, now=now, until=until)
            return []
        return list(await work.webhook_deliveries.lease(webhook, now=now, token=token, most=1 if probe else room))

    async def _deliver(self, parcel: Parcel) -> None:
        webhook, event = parcel.webhook, parcel.event
        with bound(contact_id=event.contact_id, event_id=event.id, webhook_id=webhook.id):
            try:
                answer = await self._call(webhook, event)
                self._learn(webhook, answer)
            finally:
                self._hosts[self._host(webhook)] -= 1
            async with self._turns, self.open_work() as work:
                verdict = await posting.record(work, parcel, answer, now=self.clock.now(), chance=self.chance())
                await work.commit()
            self._tell(parcel, answer, verdict)

    async def _call(self, webhook: Webhook, event: PartnerEvent) -> Answer:
        try:
            return await self.post.tell(webhook, event, now=self.clock.now())
        except Exception as fault:  # a fault with one receiver must not stop every other delivery
            log.exception("the call failed", channel=CHANNEL)
            return Answer(fault=f"fault_{type(fault).__name__}")

    def _rest(self, webhook_id: UUID, now: datetime) -> datetime | None:
        until = self._rests.get(webhook_id)
        if until is not None and until <= now:
            del self._rests[webhook_id]
            return None
        return until

    def _learn(self, webhook: Webhook, answer: Answer) -> None:
        host, now = self._host(webhook), self.clock.now()
        if answer.reached:
            self.breaker.succeeded(host)
        else:
            self.breaker.failed(host, now)
        rests = rests_until(answer, now)
        if rests is not None:
            self._rests[webhook.id] = rests

    def _tell(self, parcel: Parcel, answer: Answer, verdict: Verdict) -> None:
        self.metrics.delivered(CHANNEL, verdict.value)
        log.info("attempt made", attempt=parcel.number, channel=CHANNEL, outcome=verdict.value, code=answer.code)
        if verdict is Verdict.GONE:
            log.error("a receiver wants no more: its webhook is disabled")
        elif verdict is Verdict.SLOWLY:
            log.error("a receiver refuses us: somebody has to mend it", code=answer.code)

    def _busy(self) -> list[UUID]:
        """Webhooks whose host has no room: they are not even looked at."""
        full = {each.webhook.id for each in self._flying.values() if self._full(each.webhook)}
        return sorted(full)

    def _full(self, webhook: Webhook) -> bool:
        return self._hosts[self._host(webhook)] >= AT_ONCE_A_HOST

    def _host(self, webhook: Webhook) -> str:
        return self.post.host_of(webhook.url)

    def _raise_faults(self) -> None:
        """Faults of ours (or of the database) surface where the loop's rules for them are."""
        done = [task for task in self._flying if task.done()]
        for task in done:
            del self._flying[task]
        faults = [fault for task in done if (fault := task.exception()) is not None]
        for fault in faults:
            raise fault

    async def _measure(self, work: NotifyUnitOfWork, now: datetime) -> None:
        waiting, oldest, given_up = await work.webhook_deliveries.waiting()
        states: Mapping[str, int] = await work.webhooks.states()
        age = (now - oldest).total_seconds() if oldest is not None else 0
        alone = self.breaker.open_hosts()
        self.metrics.webhooks(
            states,
            waiting=waiting,
            oldest_seconds=max(0.0, age),
            given_up=given_up,
            left_alone=alone,
        )
