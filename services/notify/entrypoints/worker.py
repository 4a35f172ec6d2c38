"""Notify's worker: what it does with each event it hears, and its timed loops."""

from __future__ import annotations

import asyncio

from services.notify.adapters import queries
from services.notify.adapters.channels.alert_courier import AlertCourier
from services.notify.adapters.channels.courier import Courier
from services.notify.adapters.channels.webhook_sender import WebhookSender
from services.notify.application.commands.delivering import ask_for_person
from services.notify.application.commands.duty import climb_ladders
from services.notify.application.handlers import clocks, partners, received, worked
from services.notify.application.handlers.parked import make_task, settling_parked
from services.notify.application.handlers.partners import telling_partners
from services.notify.bootstrap import Notify, open_notify
from services.notify.settings import read_settings
from shared.contracts import deadlines, intake, triage
from shared.contracts.envelope import EventData
from shared.messaging.apply import Handler
from shared.worker import Timed, run_worker

_HANDLERS: dict[type[EventData], Handler] = {
    intake.ContactReceived: received.acknowledge_contact,
    intake.ContactRestated: received.acknowledge_contact,
    intake.InformationAdded: received.note_information,
    intake.ContactsLinked: received.note_link,
    intake.ContactsUnlinked: received.note_unlinking,
    intake.ContactErased: received.forget_contact,
    triage.ContactRated: worked.alert_on_rating,
    triage.ContactOpened: worked.stop_alerting,
    triage.InformationRequested: worked.ask_referrer,
    triage.ChecksRequested: partners.note_checks,
    triage.DecisionMade: worked.tell_decision,
    triage.DecisionRevised: worked.tell_decision,
    triage.ChallengeAnswered: worked.tell_challenge_answer,
    triage.ContactClosed: worked.stop_alerting_when_closed,
    triage.ContactReopened: worked.note_reopening,
    triage.CaseRestated: worked.take_case_as_restated,
    deadlines.DeadlineApproaching: clocks.hear_clock,
    deadlines.DeadlineBreached: clocks.hear_clock,
    deadlines.DeadlineEscalated: clocks.hear_clock,
    deadlines.DeadlineMet: clocks.drop_alerts,
    deadlines.DeadlineCancelled: clocks.drop_alerts,
}
HANDLERS: dict[type[EventData], Handler] = {
    event: settling_parked(telling_partners(handle)) for event, handle in _HANDLERS.items()
}
WHEN_PARKED = make_task

DELIVER_SECONDS = 0.25
RECEIPT_SECONDS = 5
LADDER_SECONDS = 1
PERSON_SECONDS = 5
TIDY_SECONDS = 60
MOST = 100


def webhook_loops(sender: WebhookSender) -> list[Timed]:
    """What carries events to partners, and tidies up behind it."""
    return [
        Timed(name="webhooks", seconds=DELIVER_SECONDS, work=sender.send_due),
        Timed(name="webhooks tidy", seconds=TIDY_SECONDS, work=sender.tidy),
    ]


def loops(notify: Notify, courier: Courier | None = None, alert_courier: AlertCourier | None = None) -> list[Timed]:
    """The timed loops of this service; whoever passes couriers closes them again."""
    carrier, alerter = courier or notify.courier(), alert_courier or notify.alert_courier()

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
        Timed(name="deliver", seconds=DELIVER_SECONDS, work=carrier.deliver_due),
        Timed(name="alert", seconds=DELIVER_SECONDS, work=alerter.deliver_due),
        Timed(name="receipts", seconds=RECEIPT_SECONDS, work=notify.asker().ask),
        Timed(name="ladder", seconds=LADDER_SECONDS, work=climb),
        Timed(name="person", seconds=PERSON_SECONDS, work=ask),
    ]


async def main(stop: asyncio.Event) -> None:
    """Works until ``stop``."""
    async with open_notify(read_settings()) as notify, notify.webhook_sender() as sender:
        courier, alert_courier = notify.courier(), notify.alert_courier()
        try:
            await run_worker(
                notify.platform,
                open_work=notify.work,
                handlers=HANDLERS,
                when_parked=WHEN_PARKED,
                loops=[*loops(notify, courier, alert_courier), *webhook_loops(sender)],
                stop=stop,
            )
        finally:
            await courier.under_way.close()
            await alert_courier.under_way.close()
