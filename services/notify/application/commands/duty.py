"""The duty ladder: alerted by a rating, climbed while nobody has opened the contact, ended when somebody has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from services.notify.application.ports import Work
from services.notify.domain.model import ClockStep, Contact, Kind, Message
from services.notify.domain.policy import alerts
from services.notify.domain.policy.owed import Occasion
from shared.policy.model import Pack

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
                occasion = Occasion(at=work.now, correlation_id=ladder.correlation_id, traceparent=ladder.traceparent)
                rung = ladder.climb(work.packs.active.ladder)
                alert = alerts.alert(
                    contact,
                    rung=rung,
                    cause=ladder.cause,
                    template=ladder.template,
                    because=ladder.because,
                    occasion=occasion,
                )
                keep(work, [alert])
    return len(contact_ids) >= most


def alert_duty(work: Work, contact: Contact, asked: Iterable[Message], *, pack: Pack) -> None:
    """Alerts whom a rating asks for. A climb begins where that is new and nobody has looked yet."""
    for message in keep(work, asked):
        if not contact.attended:
            work.ladders.add(alerts.ladder_from(pack, message))


def alert_anew(work: Work, contact: Contact, occasion: Occasion, *, pack: Pack) -> None:
    """What pages has begun its next episode: everybody is alerted from the first rung, and a climb begins."""
    end_what_is_over(work, contact)
    alert_duty(work, contact, alerts.on_rating(pack, contact, pages=True, occasion=occasion), pack=pack)


def alert_about_clock(work: Work, contact: Contact, asked: Iterable[Message], step: ClockStep) -> None:
    """Alerts whom a clock asks for. An alert that is there already, about another's clock, is about this one too."""
    messages = work.messages.of(contact.contact_id)
    for message in asked:
        known = messages.get(message.id)
        if known is None:
            keep(work, [message])
        elif known.reason == alerts.CLOCK_ENDED:
            keep(work, [alerts.again(message, step.epoch)])
        else:
            alerts.add_clocks(known, message)


def end_clock(work: Work, contact_id: UUID, deadline_id: UUID) -> None:
    """A clock was met or has ended: an alert about it alone that has not gone out need not go."""
    for message in work.messages.of(contact_id).values():
        alerts.end_clock(message, deadline_id, work.now)


def end_what_is_over(work: Work, contact: Contact) -> None:
    """Ends the alerting of episodes of paging that have ended; that of the one which runs goes on."""
    _end(work, contact, contact.paging.over, alerts.why_over(contact))


def end_all(work: Work, contact: Contact, *, reason: str) -> None:
    """Nobody need be alerted to look at the contact any more."""
    _end(work, contact, lambda _: True, reason)


def _end(work: Work, contact: Contact, ends: Callable[[int], bool], reason: str) -> None:
    for ladder in work.ladders.of(contact.contact_id):
        episode = alerts.episode_of(ladder.cause)
        if episode is not None and ends(episode):
            ladder.end(work.now)
    for message in work.messages.of(contact.contact_id).values():
        episode = alerts.episode_of(message.because) if message.kind is Kind.ALERT else None
        if episode is not None and ends(episode):
            message.supersede(work.now, reason)
