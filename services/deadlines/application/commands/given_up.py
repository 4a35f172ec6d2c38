"""A parked event that a person has given up begins no clocks any more."""

from __future__ import annotations

from uuid import uuid5

from services.deadlines.application.handlers.events import settle
from services.deadlines.application.ports import GivingUpWork
from services.deadlines.domain.model.working_time import CalendarEnds
from shared.contracts.envelope import Cause


async def end_given_up(work: GivingUpWork) -> int:
    """Ends the strictest clocks that began with events given up since, as replaying those does; returns how many such
    events there were. A breach made meanwhile stays on record.
    """
    ended = 0
    for contact, event_id in await work.claim_given_up():
        if not contact.void_replayed(event_id, work.now):
            continue
        ended += 1
        cause = uuid5(contact.contact_id, f"given up|{event_id}")
        said = Cause(id=cause, correlation_id=cause)
        try:
            settle(work, contact, said)
        except CalendarEnds:  # some other clock lies past the calendar; these end all the same
            settle(work, contact, said, past_calendar_skipped=True)
    return ended
