"""The deadlines worker: what it does with each event it hears, the firing loop and the watchdog."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from services.deadlines.adapters import queries
from services.deadlines.adapters.queries import count_stuck, seconds_to_next
from services.deadlines.application.commands import fire_due_clocks
from services.deadlines.application.commands.calendars import count_anew
from services.deadlines.application.commands.feeds import follow_switched
from services.deadlines.application.commands.given_up import end_given_up
from services.deadlines.application.handlers import events, events_of_intake
from services.deadlines.application.handlers.measuring import measuring
from services.deadlines.bootstrap import Deadlines, open_deadlines
from services.deadlines.domain.policy.stock import stopped_by_opening
from services.deadlines.settings import read_settings
from shared.contracts import intake, notify, triage
from shared.contracts.envelope import EventData
from shared.logging import get_logger
from shared.messaging.apply import Handler
from shared.messaging.patience import pause
from shared.worker import Timed, run_worker

log = get_logger()

_HANDLERS: dict[type[EventData], Handler] = {
    intake.ContactReceived: events_of_intake.start_receipt_clocks,
    intake.ContactRestated: events_of_intake.take_restated_contact,
    intake.InformationAdded: events_of_intake.note_information,
    intake.HistoryFound: events_of_intake.note_nothing,
    intake.WithdrawalRequested: events_of_intake.note_nothing,
    intake.DecisionChallenged: events_of_intake.note_challenge,
    intake.ContactsLinked: events_of_intake.note_link,
    intake.ContactsUnlinked: events_of_intake.note_unlinking,
    intake.ContactErased: events.forget_contact,
    triage.ContactRated: events.start_rating_clocks,
    triage.CaseRestated: events.take_restated_case,
    triage.ContactOpened: events.note_opening,
    triage.ContactAssigned: events.note_assignment,
    triage.ChecksRequested: events.note_check,
    triage.CheckAnswered: events.note_check_answer,
    triage.DiscussionHeld: events.note_discussion,
    triage.DecisionMade: events.note_decision,
    triage.DecisionRevised: events.note_decision,
    triage.ChallengeAnswered: events.note_challenge_answer,
    triage.MilestoneRecorded: events.note_milestone,
    triage.ContactClosed: events.note_closure,
    triage.ContactReopened: events.note_reopening,
    notify.ReferrerAcknowledged: events.note_telling,
    notify.ReferrerInformed: events.note_telling,
}
HANDLERS: dict[type[EventData], Handler] = {
    event: handle if event is intake.ContactErased else measuring(handle) for event, handle in _HANDLERS.items()
}
WHEN_PARKED = events.start_strictest_clocks

WATCHDOG_SECONDS = 60
CALENDAR_SECONDS = 5
GIVEN_UP_SECONDS = 5
COUNTED_ANEW = 200
"""Contacts a transaction, when a calendar was approved or a feed was switched."""
FEEDS_SECONDS = 900
"""A look at all that waits for a feed: at the start, and again for what others held or still watched otherwise."""
FOUND_AT_ONCE = 50_000
"""Contacts of one look, brought to the feeds batch by batch."""
FIGURES_SECONDS = 15
FIRING_SECONDS = 30
"""One round of the firing loop is a second's sleep or one batch: silent for longer, it hangs."""
LONGEST_SLEEP = 1.0
"""Real seconds: a clock that another process sets is found at the latest after this."""
SHORTEST_SLEEP = 0.02
"""What is due but held by somebody else just now is looked at again after this."""
BREATH = 0.005
"""After something has fired: more may be due already. Measured: with 20 ms clocks fire half as late again."""
CALENDAR_WARNING_DAYS = 183


def loops(deadlines: Deadlines, stop: asyncio.Event) -> list[Timed]:
    """The timed loops of this service. The firing loop sleeps by itself, until the next clock is due."""
    return [
        Timed(name="fire", seconds=0, work=partial(fire_or_sleep, deadlines, stop), round_seconds=FIRING_SECONDS),
        Timed(name="calendar", seconds=CALENDAR_SECONDS, work=partial(follow_calendar, deadlines)),
        Timed(name="dropped", seconds=GIVEN_UP_SECONDS, work=partial(follow_given_up, deadlines)),
        Timed(name="feeds", seconds=FEEDS_SECONDS, work=follow_feeds_of(deadlines)),
        Timed(name="figures", seconds=FIGURES_SECONDS, work=partial(measure, deadlines)),
        Timed(name="watchdog", seconds=WATCHDOG_SECONDS, work=partial(watch, deadlines)),
    ]


async def fire_or_sleep(deadlines: Deadlines, stop: asyncio.Event) -> bool:
    """One round: fires what is due; where nothing was, sleeps until something is, at most a second of real time."""
    claimed = await fire_once(deadlines)
    await deadlines.heartbeat.beat()
    if claimed >= deadlines.fire_batch:
        return True
    if claimed:  # where something was due the next is near: it is looked for without asking first when that will be
        await pause(stop, BREATH)
    else:
        seconds = await seconds_to_next(deadlines.platform.engine)
        await pause(stop, LONGEST_SLEEP if seconds is None else min(max(seconds, SHORTEST_SLEEP), LONGEST_SLEEP))
    return not stop.is_set()


async def fire_once(deadlines: Deadlines) -> int:
    """Claims contacts with something due and fires it, in one transaction; returns how many were claimed."""
    async with deadlines.firing_work() as work:
        claimed, fired = await fire_due_clocks(work, most=deadlines.fire_batch)
        if claimed:
            await work.commit()
    for one in fired:
        deadlines.platform.metrics.clock_fired(one.kind, one.late_seconds)
    return claimed


async def follow_calendar(deadlines: Deadlines) -> bool:
    """Brings contacts to the calendar in force, a batch a transaction; True while there may be more."""
    async with deadlines.work() as work:
        counted = await count_anew(work, most=COUNTED_ANEW)
        await work.commit()
    if counted.past_the_end:
        log.error("clocks lie past the end of the approved calendar: extend it", count=counted.past_the_end)
    return counted.contacts == COUNTED_ANEW


async def follow_given_up(deadlines: Deadlines) -> None:
    """Ends the clocks that parked events had begun which a person has dropped since."""
    async with deadlines.work() as work:
        ended = await end_given_up(work)
        await work.commit()
    if ended:
        log.info("clocks of dropped events ended", count=ended)


def follow_feeds_of(deadlines: Deadlines) -> Callable[[], Awaitable[bool]]:
    """A loop that looks for contacts with clocks that are watched otherwise than the milestone feeds here say, and
    brings them to these, a batch a transaction; True while there may be more.
    """
    found: list[UUID] = []

    async def follow() -> bool:
        async with deadlines.work() as work:
            if not found:
                found.extend(await work.find_switched(FOUND_AT_ONCE))
            batch = found[:COUNTED_ANEW]
            await follow_switched(work, batch)
            await work.commit()
        del found[: len(batch)]
        return bool(found)

    return follow


async def measure(deadlines: Deadlines) -> None:
    """Counts what is behind, for the alarms."""
    figures, pack = deadlines.platform.metrics.figures, deadlines.rulebooks.active.pack
    async with deadlines.platform.engine.connect() as connection:
        figures.overdue(await queries.count_overdue(connection, kinds=pack.clocks, ratings=pack.ratings))
        figures.next_due(await queries.seconds_to_next_due(connection))
        unopened = await queries.count_unopened(connection, until_opened=stopped_by_opening(pack))
        unexplained = await queries.count_unexplained(connection)
    figures.unopened(unopened.number, unopened.oldest_seconds)
    figures.unexplained(unexplained.number, unexplained.oldest_seconds)
    figures.unfired(max(0.0, -(await seconds_to_next(deadlines.platform.engine) or 0.0)))


async def watch(deadlines: Deadlines) -> None:
    """Counts, in children, what is stuck between the stages; an error in the log where anything is."""
    async with deadlines.work() as work:
        stuck = await count_stuck(work.connection)
        days_left = (work.rulebooks.active.calendar.last - work.now.date()).days
    deadlines.platform.metrics.figures.calendar_days_left(days_left)
    for count in stuck:
        deadlines.platform.metrics.stuck(count.what, count.subjects)
        if count.contacts:
            log.error("contacts are stuck", what=count.what, count=count.subjects)
    if days_left < CALENDAR_WARNING_DAYS:
        log.error("the bank holiday calendar ends soon", count=days_left)


async def main(stop: asyncio.Event) -> None:
    """Works until ``stop``."""
    async with open_deadlines(read_settings()) as deadlines:
        await run_worker(
            deadlines.platform,
            open_work=deadlines.work,
            handlers=HANDLERS,
            when_parked=WHEN_PARKED,
            loops=loops(deadlines, stop),
            stop=stop,
        )
