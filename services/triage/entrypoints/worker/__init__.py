"""Triage's worker: which event is dealt with by whom, what happens when one is parked, and the timed loops."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from services.triage.application import handlers
from services.triage.application.handlers import learning, linking
from services.triage.application.ports import TriageWork
from services.triage.bootstrap import Triage, open_triage
from services.triage.entrypoints.worker.reconciler import Reconciler
from services.triage.settings import TriageSettings
from shared.contracts.deadlines import (
    DeadlineApproaching,
    DeadlineBreached,
    DeadlineCancelled,
    DeadlineMet,
    DeadlineSet,
)
from shared.contracts.envelope import Event, EventData
from shared.contracts.intake import (
    ContactErased,
    ContactReceived,
    ContactRestated,
    ContactsLinked,
    ContactsUnlinked,
    DecisionChallenged,
    HistoryFound,
    InformationAdded,
    WithdrawalRequested,
)
from shared.contracts.notify import DeliveryFailed, ReferrerAcknowledged, ReferrerInformed
from shared.messaging.apply import Handler
from shared.metrics import Metrics
from shared.settings import Environment
from shared.worker import Timed, run_worker

HANDLERS: Mapping[type[EventData], Handler] = {
    ContactReceived: handlers.rate_contact,
    ContactRestated: learning.rate_again,
    InformationAdded: learning.learn_more,
    HistoryFound: learning.learn_history,
    WithdrawalRequested: learning.note_withdrawal,
    DecisionChallenged: learning.note_challenge,
    ContactsLinked: linking.hear_link,
    ContactsUnlinked: linking.hear_unlinked,
    ContactErased: linking.forget_contact,
    DeadlineSet: handlers.note_clock,
    DeadlineMet: handlers.note_clock,
    DeadlineCancelled: handlers.note_clock,
    DeadlineBreached: handlers.note_breach,
    DeadlineApproaching: handlers.note_warning,
    ReferrerAcknowledged: handlers.note_acknowledged,
    ReferrerInformed: handlers.note_informed,
    DeliveryFailed: handlers.note_undelivered,
}

WHEN_PARKED = handlers.put_in_queue_unrated
"""The same for every event: a contact that nobody has rated goes into the queue, a case asks for attention."""


def measured(rate: Handler, metrics: Metrics) -> Handler:
    """The same handler; it also says how long the contact had been waiting, in business time."""

    async def rate_and_measure(event: Event[ContactReceived], work: TriageWork) -> None:
        await rate(event, work)
        metrics.rating((work.now - event.data.contact.accepted_at).total_seconds())

    return rate_and_measure


def loops(triage: Triage) -> list[Timed]:
    """What the worker does by the clock."""
    reconciler = Reconciler(work=triage.work, settings=triage.settings, metrics=triage.platform.metrics)
    return [Timed(name="reconcile", seconds=triage.settings.reconcile_seconds, work=reconciler.run_once)]


async def main(stop: asyncio.Event) -> None:
    """Runs the worker until ``stop``."""
    async with open_triage(TriageSettings.read(Environment(os.environ))) as triage:
        await run_worker(
            triage.platform,
            open_work=triage.work,
            handlers={**HANDLERS, ContactReceived: measured(HANDLERS[ContactReceived], triage.platform.metrics)},
            when_parked=WHEN_PARKED,
            loops=loops(triage),
            stop=stop,
        )
