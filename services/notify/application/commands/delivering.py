"""The steps of a delivery, each one transaction: lease, note the attempt, record what came of it.

Between them, outside any transaction, the address is asked for and the channel called.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.notify.application.ports import (
    Accepted,
    Attempt,
    HandedOver,
    Letter,
    Refused,
    SendResult,
    TryLater,
    Why,
    Work,
)
from services.notify.domain.model import Contact, Kind, Message, Reach, State
from services.notify.domain.policy import alerts, owed, routing, schedule
from services.notify.domain.policy.order import sources_first
from shared.contracts.notify import Proof

from .announcing import ask_person, leave_to_person, say_delivered

_UNDELIVERED = (State.WAITING, State.RETRYING, State.HANDED_OVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One leased message as it stood when it was leased, and the claim on it. Read-only outside its transaction."""

    message: Message
    contact: Contact
    token: UUID
    on_duty: Reach | None = None
    """For an alert: how to reach who is on duty. None: the always-on team address."""
    age: timedelta = timedelta(0)
    """For how long this round of tries has gone on (business time)."""


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
            if leave_to_person(work, contact, message, token=token):
                continue
            age = message.age(work.now)
            errands.append(Errand(message=message, contact=contact, token=token, age=age))
    return errands


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a letter goes out: the channel chosen, and all that reach its recipient here. Addresses only masked."""

    channel: str
    """The channel's name in the log of attempts and in events."""
    reach: str
    """What it was chosen as: ``email``, ``sms``, ``webhook``."""
    ways: tuple[str, ...]
    masked: str
    mark: bytes


async def begin_attempt(work: Work, errand: Errand, *, letter: Letter, way: Way, now: datetime) -> int | None:
    """Notes the attempt before the call is made; returns its number, or None where the lease was lost, or where since
    then only a person may tell it: do not send.
    """
    message = await _locked(work, errand)
    if message is None or leave_to_person(work, work.contacts.of(message.contact_id), message, token=errand.token):
        return None
    if not message.attempt(
        errand.token, channel=way.channel, ways=way.ways, masked_address=way.masked, address_mark=way.mark
    ):
        return None
    message.tells = errand.message.tells
    work.attempts.begin(
        Attempt(
            message_id=message.id,
            contact_id=message.contact_id,
            number=message.attempts,
            channel=way.channel,
            template_hash=letter.template_hash,
            started_at=now,
        )
    )
    return message.attempts


async def record(
    work: Work, errand: Errand, *, number: int, way: Way, result: SendResult, now: datetime, chance: float
) -> None:
    """Records what came of an attempt. A failure counts only while the lease holds; an acceptance always does."""
    message = await _locked(work, errand)
    if message is None:
        return  # erased meanwhile: there is nobody left to say anything about
    match result:
        case Accepted():
            if message.accepted(errand.token, work.now):
                message.tells = errand.message.tells  # what this letter says; another sender's may say newer
                say_delivered(work, message, proof=Proof.ACCEPTED, at=work.now, receipt=result.receipt)
            message.provider_id = result.provider_id
        case HandedOver():
            message.hand_over(
                errand.token,
                provider_id=result.provider_id,
                poll_at=now + schedule.RECEIPT_EVERY,
                otherwise_at=None if errand.on_duty is None else now + schedule.TEAM_AFTER,
            )
        case Refused():
            _refused(work, errand, message, way, result, now=now, chance=chance)
        case TryLater():
            _later(work, errand, message, result, now=now, chance=chance)
    code = result.code if isinstance(result, Refused | TryLater) else None
    provider_id = result.provider_id if isinstance(result, Accepted | HandedOver) else None
    work.attempts.end(message.id, number, outcome=result.outcome, code=code, at=now, provider_id=provider_id)


def _refused(
    work: Work, errand: Errand, message: Message, way: Way, result: Refused, *, now: datetime, chance: float
) -> None:
    """Another channel at once; a person on duty whose address is refused is followed by the team's; else a person."""
    if not message.held_by(errand.token):
        return
    if errand.on_duty is not None:
        _later(work, errand, message, TryLater(result.code), now=now, chance=chance)
        return
    message.refuse(way.reach)
    if routing.choose(message.ways, message.refused, message.age(work.now)) is None:
        ask_person(work, message, result.code, token=errand.token)
    else:
        message.try_later(errand.token, next_try_at=now, reason=result.code)


def _later(work: Work, errand: Errand, message: Message, result: TryLater, *, now: datetime, chance: float) -> None:
    if schedule.person_needed(message.began_at, work.now):
        ask_person(work, message, result.code, token=errand.token)
    else:
        slowly = result.why is Why.OURS
        wait = schedule.wait_after(message.attempts, chance=chance, asked=result.retry_after, slowly=slowly)
        # What pages is tried every minute; another channel's turn is not waited past.
        turn = routing.next_turn(message.ways, message.refused, message.age(work.now))
        most = schedule.ALERT_AGAIN if message.kind is Kind.ALERT else turn
        wait = wait if most is None else min(wait, most)
        message.try_later(errand.token, next_try_at=now + wait, reason=result.code)


async def put_off(work: Work, errand: Errand, *, reason: str, next_try_at: datetime) -> None:
    """It cannot even be tried now (no address to be had, the host is left alone): again then, at no cost, until a
    person is needed.
    """
    message = await _locked(work, errand)
    if message is None:
        return
    if schedule.person_needed(message.began_at, work.now):
        ask_person(work, message, reason, token=errand.token)
    else:
        message.put_off(errand.token, next_try_at=next_try_at, reason=reason)


async def give_up(work: Work, errand: Errand, *, reason: str) -> None:
    """No machine can deliver it: a person is asked, and everybody told so."""
    message = await _locked(work, errand)
    if message is not None:
        ask_person(work, message, reason, token=errand.token)


async def ask_for_person(work: Work, *, most: int) -> bool:
    """What has been undelivered for 8 hours needs a person; what needs one for 20 pages duty. True: there is more."""
    person, page = work.now - schedule.PERSON_AFTER, work.now - schedule.PAGE_AFTER
    contact_ids = await work.due.undelivered(person=person, page=page, most=most)
    await work.lock(contact_ids)
    for contact_id in contact_ids:
        for message in list(work.messages.of(contact_id).values()):
            if message.state in _UNDELIVERED and message.began_at <= person:
                ask_person(work, message, message.reason or _undelivered(message))
            if message.state is State.NEEDS_PERSON and message.created_at <= page and message.paged_at is None:
                _page(work, message)
    return len(contact_ids) >= most


def _undelivered(message: Message) -> str:
    return "no_receipt" if message.state is State.HANDED_OVER else "undelivered"


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


async def _locked(work: Work, errand: Errand) -> Message | None:
    contact_id = errand.message.contact_id
    await work.lock([contact_id])
    return work.messages.of(contact_id).get(errand.message.id)
