"""Milestone feeds were switched on or off: the clocks that wait for them are watched from now on, or no longer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from services.deadlines.application.handlers.events import settle
from services.deadlines.application.ports import FeedsWork
from services.deadlines.domain.model.working_time import CalendarEnds
from shared.contracts.envelope import Cause


async def follow_switched(work: FeedsWork, contact_ids: Sequence[UUID]) -> None:
    """Brings these contacts to the feeds that there are here; those that others have now wait for the next look.

    Nobody else would: a contact that is closed hears of no further event, and its clocks after hand-over run on.
    """
    for contact in await work.claim_switched(contact_ids):
        cause = uuid5(contact.contact_id, f"feeds|{work.now.isoformat()}")
        try:
            settle(work, contact, Cause(id=cause, correlation_id=cause))
        except CalendarEnds:  # said by the loop that follows the calendar; one contact must not stop everybody's
            continue
