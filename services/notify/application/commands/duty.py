"""Climbing the duty ladder: the next rung is alerted while nobody has opened the contact."""

from __future__ import annotations

from services.notify.application.ports import Work
from services.notify.domain.policy import owed

from .announcing import keep


async def climb_ladders(work: Work, *, most: int) -> bool:
    """Alerts each rung that is due by business time. True where there may be more."""
    contact_ids = await work.due.ladders(work.now, most=most)
    await work.lock(contact_ids)
    for contact_id in contact_ids:
        contact = work.contacts.of(contact_id)
        for ladder in work.ladders.of(contact_id):
            if contact.attended:
                ladder.end(work.now)
            elif ladder.due(work.now):
                occasion = owed.Occasion(
                    at=work.now, correlation_id=ladder.correlation_id, traceparent=ladder.traceparent
                )
                rung = ladder.climb(work.packs.active.ladder)
                alert = owed.alert(
                    contact,
                    rung=rung,
                    cause=ladder.cause,
                    template=ladder.template,
                    because=ladder.because,
                    occasion=occasion,
                )
                keep(work, [alert])
    return len(contact_ids) >= most
