"""Intake's worker: what it does with each event it hears, and its timed loops."""

from __future__ import annotations

import asyncio
from functools import partial

from services.intake.adapters.repositories.echoes import say_again
from services.intake.application import handlers
from services.intake.application.handlers import history
from services.intake.bootstrap import Intake, open_intake
from services.intake.settings import read_settings
from shared.contracts import notify, triage
from shared.contracts.envelope import EventData
from shared.messaging.apply import Handler
from shared.worker import Timed, run_worker

from .linking import link_again, link_once
from .matching import index_once, look_once

HANDLERS: dict[type[EventData], Handler] = {
    triage.ContactRated: handlers.note_rating,
    triage.ContactOpened: handlers.note_opening,
    triage.InformationRequested: handlers.note_request,
    triage.ChecksRequested: handlers.note_checks,
    triage.DecisionMade: handlers.note_decision,
    triage.DecisionRevised: handlers.note_decision,
    triage.MilestoneRecorded: history.keep_milestone,
    triage.ChallengeAnswered: handlers.note_answer,
    triage.ContactClosed: handlers.note_closure,
    triage.ContactReopened: handlers.note_reopening,
    triage.CaseRestated: handlers.note_restatement,
    notify.ReferrerAcknowledged: handlers.note_acknowledgement,
    notify.ReferrerInformed: handlers.note_informed,
}
WHEN_PARKED = handlers.note_parked

RECONCILE_SECONDS = 60
MATCH_SECONDS = 0.25
"""Real seconds between looks for work: what has just been accepted is matched soon after this."""


def loops(intake: Intake) -> list[Timed]:
    """The timed loops of this service."""
    return [
        Timed(name="reconcile", seconds=RECONCILE_SECONDS, work=partial(say_again, intake.work)),
        Timed(name="index", seconds=MATCH_SECONDS, work=partial(index_once, intake)),
        Timed(name="look", seconds=MATCH_SECONDS, work=partial(look_once, intake)),
        Timed(name="link", seconds=MATCH_SECONDS, work=partial(link_once, intake)),
        Timed(name="links unheard", seconds=RECONCILE_SECONDS, work=partial(link_again, intake)),
    ]


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
