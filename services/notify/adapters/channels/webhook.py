"""A message's notice by webhook: the organisation is told that there is one; nothing of it travels.

Wired beside the other channels: ``letter.to`` is the organisation's id. Accepted is what a receiver answered with 2xx.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.adapters.tables import CONTACT, MESSAGE
from services.notify.application.commands import posting
from services.notify.application.ports import Accepted, Letter, Refused, SendResult, TryLater, Why
from services.notify.domain.model.webhook import EventType, Webhook
from services.notify.domain.model.webhook_delivery import PartnerEvent
from services.notify.domain.policy.webhook_answers import Answer, Verdict, judge
from shared.clock import Clock
from shared.logging import bound, get_logger

from .webhook_post import WebhookPost

CONNECTIONS: Final = 2
"""Asked before every letter: the pool of connections is shared with the consumer."""
log = get_logger()


class OrganisationWebhooks:
    """The directory: whether an organisation takes its messages by webhook (port ``WebhookDirectory``)."""

    def __init__(self, open_work: Callable[[], NotifyUnitOfWork]) -> None:
        self._open_work = open_work
        self._turns = asyncio.Semaphore(CONNECTIONS)

    async def takes_messages(self, organisation_id: str) -> bool:
        """Whether an active webhook of this organisation asked for messages."""
        return bool(await self.listening(organisation_id))

    async def listening(self, organisation_id: str) -> list[Webhook]:
        """The organisation's active webhooks that asked for messages."""
        async with self._turns, self._open_work() as work:
            own = await work.webhooks.of(organisation_id)
        return [each for each in own if each.active and EventType.MESSAGE.value in each.events]

    async def event_of(self, letter: Letter) -> PartnerEvent | None:
        """What is said of a message: whose contact it is about, and its kind. None where it is gone."""
        wanted = sa.select(
            MESSAGE.c.contact_id, MESSAGE.c.kind, MESSAGE.c.created_at, MESSAGE.c.correlation_id,
            MESSAGE.c.traceparent, CONTACT.c.reference,
        ).join(CONTACT, CONTACT.c.contact_id == MESSAGE.c.contact_id)  # fmt: skip
        async with self._open_work() as work:
            found = await work.connection.execute(wanted.where(MESSAGE.c.id == letter.message_id))
            row = found.mappings().one_or_none()
        if row is None:
            return None
        return PartnerEvent(
            id=letter.message_id,
            kind=EventType.MESSAGE.value,
            occurred_at=row["created_at"],
            contact_id=row["contact_id"],
            reference=row["reference"],
            about={"message_id": str(letter.message_id), "message": row["kind"]},
            correlation_id=row["correlation_id"],
            traceparent=row["traceparent"],
        )

    async def note(self, webhook_id: UUID, answer: Answer, clock: Clock) -> None:
        """What an answer says of the webhook itself; 410 disables it."""
        async with self._open_work() as work:
            webhook = await work.webhooks.one(webhook_id, lock=True)
            if webhook is not None:
                await posting.note(work, webhook, judge(answer), now=clock.now())
            await work.commit()


class WebhookChannel:
    """Posts a notice to each of the organisation's webhooks that asked for messages; one acceptance is enough."""

    name = "webhook"

    def __init__(self, post: WebhookPost, webhooks: OrganisationWebhooks, *, clock: Clock) -> None:
        self._post = post
        self._webhooks = webhooks
        self._clock = clock

    def host(self, letter: Letter) -> str:
        """Each organisation's receivers are a door of their own."""
        return f"webhooks of {letter.to}"

    async def send(self, letter: Letter) -> SendResult:
        """Tries each once. Refused where nobody listens (any more): then another channel, or a person, must tell it."""
        listening = await self._webhooks.listening(letter.to)
        if not listening:
            return Refused("no_webhook")
        event = await self._webhooks.event_of(letter)
        if event is None:
            return Refused("no_message")
        # All at once: one that hangs must not outlast the letter's lease for the others.
        answers = await asyncio.gather(*(self._tell(webhook, event) for webhook in listening))
        if any(judge(answer) is Verdict.ACCEPTED for answer in answers):
            return Accepted()
        last = answers[-1]
        if all(judge(answer) is Verdict.GONE for answer in answers):
            return Refused("webhook_gone")
        return TryLater(last.code, max(answer.retry_after for answer in answers), Why.HOST)

    async def _tell(self, webhook: Webhook, event: PartnerEvent) -> Answer:
        with bound(webhook_id=webhook.id):
            answer = await self._post.tell(webhook, event, now=self._clock.now())
            log.info("notice posted", channel=self.name, code=answer.code)
            await self._webhooks.note(webhook.id, answer, self._clock)
        return answer
