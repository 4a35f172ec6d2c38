"""What deadlines says: staff are alerted and the referrer told as the pack has it, until the clock has ended."""

from __future__ import annotations

from services.notify.application.commands.announcing import keep
from services.notify.application.commands.duty import alert_about_clock, end_clock
from services.notify.application.ports import Work
from services.notify.domain.model import ClockStep
from services.notify.domain.policy import alerts, owed
from shared.contracts.deadlines import (
    DeadlineApproaching,
    DeadlineBreached,
    DeadlineCancelled,
    DeadlineEscalated,
    DeadlineMet,
)
from shared.contracts.envelope import Event

from .common import occasion_of, pack_of


async def hear_clock(event: Event[DeadlineApproaching | DeadlineBreached | DeadlineEscalated], work: Work) -> None:
    """A warning, breach or escalation: staff are alerted and the referrer told as the pack has it."""
    if isinstance(event.data, DeadlineApproaching) and event.time >= event.data.clock.due_at:
        return  # found late: it is due already, and the breach itself alerts
    step = _step(event.data)
    contact = work.contacts.of(event.contact_id)
    contact.know_reference(event.data.reference)
    occasion, pack = occasion_of(event, work), pack_of(contact, work)
    alert_about_clock(work, contact, alerts.on_clock(pack, contact, step, occasion), step)
    if contact.referrer_kind is None:
        contact.later(step)
    else:
        keep(work, owed.on_clock(pack, contact, step, occasion))


async def drop_alerts(event: Event[DeadlineMet | DeadlineCancelled], work: Work) -> None:
    """What the clock waited for has happened, or it applies no longer: nobody need be alerted to it any more."""
    end_clock(work, event.contact_id, event.data.clock.deadline_id)


def _step(said: DeadlineApproaching | DeadlineBreached | DeadlineEscalated) -> ClockStep:
    return ClockStep(
        event=type(said).__name__,
        deadline_id=said.clock.deadline_id,
        kind=said.clock.kind,
        starts_at=said.clock.starts_at,
        due_at=said.clock.due_at,
        rating=said.clock.rating,
        share=str(said.share) if isinstance(said, DeadlineApproaching) else None,
        rung=said.rung if isinstance(said, DeadlineEscalated) else None,
        epoch=said.clock.epoch,
    )
