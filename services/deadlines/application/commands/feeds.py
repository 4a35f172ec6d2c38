"""Milestone feeds were switched on or off: the clocks that wait for them are watched from now on, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from services.deadlines.application.handlers.events import settle
from services.deadlines.application.ports import FeedsWork
from services.deadlines.domain.model.working_time import CalendarEnds
from shared.contracts.envelope import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How many contacts were brought to the feeds, and the last of them; None where there was none."""

    contacts: int
    last: UUID | None


async def follow_switched(work: FeedsWork, *, most: int, after: UUID) -> Followed:
    """Brings up to ``most`` contacts, by id from ``after`` on, to the feeds that there are here.

    Nobody else would: a contact that is closed hears of no further event, and its clocks after hand-over run on.
    """
    claimed = await work.claim_switched(most, after=after)
    for contact in claimed:
        cause = uuid5(contact.contact_id, f"feeds|{work.now.isoformat()}")
        try:
            settle(work, contact, Cause(id=cause, correlation_id=cause))
        except CalendarEnds:  # said by the loop that follows the calendar; one contact must not stop everybody's
            continue
    return Followed(contacts=len(claimed), last=claimed[-1].contact_id if claimed else None)
