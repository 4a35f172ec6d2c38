"""What happens when an event cannot be dealt with, and when it is after all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from services.notify.application.commands.announcing import keep
from services.notify.application.commands.duty import alert_duty, end_what_is_over
from services.notify.application.ports import Work
from services.notify.domain.model import Kind, Message, message_id
from services.notify.domain.policy import alerts
from services.notify.domain.policy.owed import Occasion
from shared.contracts.envelope import Event, EventData
from shared.contracts.triage import CaseRestated
from shared.messaging.parking import ParkedEvent

Handle = Callable[[Event[Any], Work], Awaitable[None]]


async def make_task(parked: ParkedEvent, work: Work) -> None:
    """An event could not be dealt with: somebody may go untold, so a person is asked; one task for each event.

    What triage says may be a rating that pages: duty is alerted as if it were the most urgent.
    """
    contact = work.contacts.of(parked.contact_id)
    occasion = Occasion(at=work.now, correlation_id=parked.cause.correlation_id, traceparent=parked.cause.traceparent)
    task = Message(
        id=_task_id(parked.contact_id, parked.id),
        contact_id=parked.contact_id,
        kind=Kind.PARKED,
        purpose="parked",
        template="",
        created_at=work.now,
        correlation_id=parked.cause.correlation_id,
        because=parked.producer,
    )
    task.needs_person("parked")
    keep(work, [task])
    if parked.producer == CaseRestated.producer and not contact.attended:
        contact.paging.fear(event_id=parked.id, at=parked.time)
        end_what_is_over(work, contact)
        pack = work.packs.active
        alert_duty(work, contact, alerts.on_unread(pack, contact, occasion), pack=pack)


def settling_parked(handle: Handle) -> Handle:
    """The same handler; the task made when this event was parked, or one that it restates, is done with."""

    async def handle_and_settle(event: Event[EventData], work: Work) -> None:
        await handle(event, work)
        if work.erased(event.contact_id):
            return
        own = _task_id(event.contact_id, event.id)
        for task in work.messages.of(event.contact_id).values():
            restated = event.data.restates and task.kind is Kind.PARKED and task.because == event.producer
            if restated or task.id == own:
                task.supersede(work.now, "restated" if restated else "replayed")

    return handle_and_settle


def _task_id(contact_id: UUID, event_id: UUID) -> UUID:
    return message_id(contact_id, f"parked|{event_id}")
