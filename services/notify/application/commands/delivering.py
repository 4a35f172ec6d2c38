"""The steps of a delivery, each one transaction: lease, note the attempt, record what came of it.

Between them, outside any transaction, the address is asked for and the channel called.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.application.ports import Accepted, Attempt, Letter, Refused, SendResult, TryLater, Work
from services.notify.domain.model import Contact, Kind, Message, Reach, State
from services.notify.domain.policy import alerts, owed, schedule
from services.notify.domain.policy.order import sources_first
from shared.contracts.notify import Proof

from .announcing import say_delivered, say_failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One leased message as it stood when it was leased, and the claim on it. Read-only outside its transaction."""

    message: Message
    contact: Contact
    token: UUID
    on_duty: Reach | None = None
    """For an alert: how to reach who is on duty. None: the always-on team address."""


async def lease_due(work: Work, *, now: datetime, token: UUID, most: int) -> list[Errand]:
    """Takes the messages to referrers that are due (real time ``now``), contact by contact; ``token`` is this round's
    claim. Alerts go by another way: those to one recipient together.
    """
    first = sources_first(work.packs.active.calendar, work.days_off, work.now)
    contact_ids = await work.due.messages(now, first=first, most=most)
    await work.lock(contact_ids)
    errands: list[Errand] = []
    for contact_id in contact_ids:
        contact, messages = work.contacts.of(contact_id), work.messages.of(contact_id)
        for message in owed.stale(contact, messages.values()):
            if message.due(now):
                message.supersede(work.now, "newer_decision", lease_over=True)
        for message in [each for each in messages.values() if each.kind is not Kind.ALERT and each.due(now)]:
            message.tell_what_is_known(contact.versions())
            message.lease(token, now)
            errands.append(Errand(message=message, contact=contact, token=token))
    return errands


async def begin_attempt(
    work: Work, errand: Errand, *, letter: Letter, channel: str, masked: str, mark: bytes, now: datetime
) -> int | None:
    """Notes the attempt before the call is made; returns its number, or None where the lease was lost: do not send."""
    message = await _locked(work, errand)
    if message is None or not message.attempt(errand.token, channel=channel, masked_address=masked, address_mark=mark):
        return None
    message.tells = errand.message.tells
    work.attempts.begin(
        Attempt(
            message_id=message.id,
            contact_id=message.contact_id,
            number=message.attempts,
            channel=channel,
            template_hash=letter.template_hash,
            started_at=now,
        )
    )
    return message.attempts


async def record(work: Work, errand: Errand, *, number: int, result: SendResult, now: datetime, chance: float) -> None:
    """Records what came of an attempt. A failure counts only while the lease holds; an acceptance always does."""
    message = await _locked(work, errand)
    if message is None:
        return  # erased meanwhile: there is nobody left to say anything about
    if isinstance(result, Accepted):
        if message.accepted(errand.token, work.now):
            say_delivered(work, message, proof=Proof.ACCEPTED, at=work.now)
    elif isinstance(result, Refused) and errand.on_duty is None:
        _give_up(work, message, errand.token, result.code)
    else:  # a person's address that is refused is no end: the team's address is next
        asked = result.retry_after if isinstance(result, TryLater) else 0
        wait = schedule.wait_after(message.attempts, chance=chance, asked=asked)
        if schedule.person_needed(message.created_at, work.now):
            _give_up(work, message, errand.token, result.code)
        else:
            message.try_later(errand.token, next_try_at=now + wait, reason=result.code)
    code = None if isinstance(result, Accepted) else result.code
    work.attempts.end(message.id, number, outcome=type(result).__name__.lower(), code=code, at=now)


async def put_off(work: Work, errand: Errand, *, reason: str, now: datetime, chance: float) -> None:
    """The address is not to be had now: again in some seconds, at no cost, until a person is needed."""
    message = await _locked(work, errand)
    if message is None:
        return
    if schedule.person_needed(message.created_at, work.now):
        _give_up(work, message, errand.token, reason)
    else:
        message.put_off(errand.token, next_try_at=now + schedule.wait_for_address(chance=chance), reason=reason)


async def give_up(work: Work, errand: Errand, *, reason: str) -> None:
    """No machine can deliver it: a person is asked, and everybody told so."""
    message = await _locked(work, errand)
    if message is not None:
        _give_up(work, message, errand.token, reason)


async def ask_for_person(work: Work, *, most: int) -> bool:
    """What has been undelivered for 8 hours needs a person; what needs one for 20 pages duty. True: there is more."""
    person, page = work.now - schedule.PERSON_AFTER, work.now - schedule.PAGE_AFTER
    contact_ids = await work.due.undelivered(person=person, page=page, most=most)
    await work.lock(contact_ids)
    for contact_id in contact_ids:
        for message in list(work.messages.of(contact_id).values()):
            if message.state in (State.WAITING, State.RETRYING) and message.created_at <= person:
                _give_up(work, message, None, message.reason or "undelivered")
            if message.state is State.NEEDS_PERSON and message.created_at <= page and message.paged_at is None:
                _page(work, message)
    return len(contact_ids) >= most


def _page(work: Work, message: Message) -> None:
    message.paged_at = work.now
    if message.kind is Kind.ALERT:
        return  # alerting about an alert would never end; DeliveryFailed has been said
    contact = work.contacts.of(message.contact_id)
    occasion = owed.Occasion(at=work.now, correlation_id=message.correlation_id, traceparent=message.traceparent)
    work.messages.add(
        alerts.alert(
            contact,
            rung=0,
            cause=f"untold|{message.id}",
            template=owed.REMINDER,
            because="referrer-not-told",
            occasion=occasion,
        )
    )


def _give_up(work: Work, message: Message, token: UUID | None, reason: str) -> None:
    if message.needs_person(reason, token=token):
        say_failed(work, message)


async def _locked(work: Work, errand: Errand) -> Message | None:
    contact_id = errand.message.contact_id
    await work.lock([contact_id])
    return work.messages.of(contact_id).get(errand.message.id)
