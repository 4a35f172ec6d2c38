"""Intake's worker: what it does with each event it hears, and its timed loops."""

from __future__ import annotations

import asyncio
from functools import partial

from services.intake.adapters.repositories.echoes import say_again
from services.intake.application import handlers
from services.intake.bootstrap import Intake, open_intake
from services.intake.settings import read_settings
from shared.contracts import notify, triage
from shared.contracts.envelope import EventData
from shared.messaging.apply import Handler
from shared.worker import Timed, run_worker

HANDLERS: dict[type[EventData], Handler] = {
    triage.ContactRated: handlers.note_rating,
    triage.ContactOpened: handlers.note_opening,
    triage.InformationRequested: handlers.note_request,
    triage.ChecksRequested: handlers.note_checks,
    triage.DecisionMade: handlers.note_decision,
    triage.DecisionRevised: handlers.note_decision,
    triage.ChallengeAnswered: handlers.note_answer,
    triage.ContactClosed: handlers.note_closure,
    triage.ContactReopened: handlers.note_reopening,
    triage.CaseRestated: handlers.note_restatement,
    notify.ReferrerAcknowledged: handlers.note_acknowledgement,
    notify.ReferrerInformed: handlers.note_informed,
}
WHEN_PARKED = handlers.note_parked

RECONCILE_SECONDS = 60


def loops(intake: Intake) -> list[Timed]:
    """The timed loops of this service."""
    return [Timed(name="reconcile", seconds=RECONCILE_SECONDS, work=partial(say_again, intake.work))]


async def main(stop: asyncio.Event) -> None:
    """Works until ``stop``."""
    async with open_intake(read_settings()) as intake:
        await run_worker(
            intake.platform,
            open_work=intake.work,
            handlers=HANDLERS,
            when_parked=WHEN_PARKED,
            loops=loops(intake),
            stop=stop,
        )
