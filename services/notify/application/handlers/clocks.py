"""What deadlines says: staff are alerted and the referrer told as the pack has it."""

from __future__ import annotations

from services.notify.application.commands.announcing import keep
from services.notify.application.ports import Work
from services.notify.domain.model import ClockStep
from services.notify.domain.policy import alerts, owed
from shared.contracts.deadlines import DeadlineApproaching, DeadlineBreached
from shared.contracts.envelope import Event

from .common import occasion_of, pack_of


async def hear_clock(event: Event[DeadlineApproaching | DeadlineBreached], work: Work) -> None:
    """A warning or breach: staff are alerted and the referrer told as the pack has it."""
    if isinstance(event.data, DeadlineApproaching) and event.time >= event.data.clock.due_at:
        return  # found late: it is due already, and the breach itself alerts
    step = _step(event.data)
    contact = work.contacts.of(event.contact_id)
    contact.know_reference(event.data.reference)
    occasion, pack = occasion_of(event, work), pack_of(contact, work)
    keep(work, alerts.on_clock(pack, contact, step, occasion))
    if contact.referrer_kind is None:
        contact.later(step)
    else:
        keep(work, owed.on_clock(pack, contact, step, occasion))


def _step(said: DeadlineApproaching | DeadlineBreached) -> ClockStep:
    return ClockStep(
        event=type(said).__name__,
        deadline_id=said.clock.deadline_id,
        kind=said.clock.kind,
        starts_at=said.clock.starts_at,
        due_at=said.clock.due_at,
        rating=said.clock.rating,
        share=str(said.share) if isinstance(said, DeadlineApproaching) else None,
    )
