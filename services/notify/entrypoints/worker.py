"""Notify's worker: what it does with each event it hears, and its timed loops."""

from __future__ import annotations

import asyncio

from services.notify.adapters import queries
from services.notify.application import handlers
from services.notify.application.commands.delivering import ask_for_person
from services.notify.application.commands.duty import climb_ladders
from services.notify.application.handlers import settling_parked
from services.notify.bootstrap import Notify, open_notify
from services.notify.settings import read_settings
from shared.contracts import deadlines, intake, triage
from shared.contracts.envelope import EventData
from shared.messaging.apply import Handler
from shared.worker import Timed, run_worker

HANDLERS: dict[type[EventData], Handler] = {
    intake.ContactReceived: settling_parked(handlers.acknowledge_contact),
    intake.ContactRestated: settling_parked(handlers.acknowledge_contact),
    intake.ContactErased: settling_parked(handlers.forget_contact),
    triage.ContactRated: settling_parked(handlers.alert_on_rating),
    triage.ContactOpened: settling_parked(handlers.stop_alerting),
    triage.DecisionMade: settling_parked(handlers.tell_decision),
    triage.ContactClosed: settling_parked(handlers.stop_alerting_when_closed),
    triage.CaseRestated: settling_parked(handlers.take_case_as_restated),
    deadlines.DeadlineApproaching: settling_parked(handlers.hear_clock),
    deadlines.DeadlineBreached: settling_parked(handlers.hear_clock),
}
WHEN_PARKED = handlers.make_task

DELIVER_SECONDS = 0.25
LADDER_SECONDS = 1
PERSON_SECONDS = 5
MOST = 100


def loops(notify: Notify) -> list[Timed]:
    """The timed loops of this service."""
    courier = notify.courier()

    async def climb() -> bool:
        async with notify.work() as work:
            more = await climb_ladders(work, most=MOST)
            await work.commit()
        return more

    async def ask() -> bool:
        async with notify.work() as work:
            more = await ask_for_person(work, most=MOST)
            await work.commit()
        async with notify.platform.engine.connect() as connection:
            notify.platform.metrics.stuck("message_needs_person", await queries.count_tasks(connection))
        return more

    return [
        Timed(name="deliver", seconds=DELIVER_SECONDS, work=courier.deliver_due),
        Timed(name="ladder", seconds=LADDER_SECONDS, work=climb),
        Timed(name="person", seconds=PERSON_SECONDS, work=ask),
    ]


async def main(stop: asyncio.Event) -> None:
    """Works until ``stop``."""
    async with open_notify(read_settings()) as notify:
        await run_worker(
            notify.platform,
            open_work=notify.work,
            handlers=HANDLERS,
            when_parked=WHEN_PARKED,
            loops=loops(notify),
            stop=stop,
        )
