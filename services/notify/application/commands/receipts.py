"""What providers that pass messages on say later: it arrived, it did not for now, it never will."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.application.ports import Work
from services.notify.domain.model import Kind, Message, Receipt, State, Verdict
from services.notify.domain.policy import alerts, routing, schedule
from shared.contracts.notify import Proof

from .announcing import ask_person, leave_to_person, say_delivered, say_failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreceipted:
    """A message that a provider has, and what it is called there."""

    message_id: UUID
    contact_id: UUID
    channel: str
    provider_id: str


async def claim_unreceipted(work: Work, *, now: datetime, most: int) -> list[Unreceipted]:
    """The messages whose provider is to be asked now (real time); each is asked after again in two minutes.

    One without a receipt for so long that another channel has its turn goes round to that; an alert to somebody on duty
    to the team's address, unless it is over.
    """
    contact_ids = await work.due.unreceipted(now, most=most)
    await work.lock(contact_ids)
    asked: list[Unreceipted] = []
    for message in [each for contact_id in contact_ids for each in work.messages.of(contact_id).values()]:
        if message.state is not State.HANDED_OVER or message.poll_at is None or message.poll_at > now:
            continue
        otherwise_at = message.next_try_at
        if _another_has_its_turn(message, work.now) or (otherwise_at is not None and otherwise_at <= now):
            message.go_round()
            _drop_if_over(work, message)
            continue
        next_time = now + schedule.RECEIPT_EVERY
        message.poll_at = next_time if otherwise_at is None else min(next_time, otherwise_at)
        asked.append(
            Unreceipted(
                message_id=message.id,
                contact_id=message.contact_id,
                channel=message.channel or "",
                provider_id=message.provider_id or "",
            )
        )
    return asked


def _another_has_its_turn(message: Message, now: datetime) -> bool:
    chosen = routing.choose(message.ways, message.refused, message.age(now))
    return chosen is not None and chosen != message.channel


async def hear_receipt(
    work: Work, contact_id: UUID, message_id: UUID, receipt: Receipt, *, chance: float
) -> Message | None:
    """Takes a receipt; the same one again changes nothing. None where there is no such message (any more).

    An arrival is a fact whichever attempt it is about. A failure counts only for the newest attempt: of an older one
    it is history, and one that overtakes the record of its own attempt is heard again when the provider is asked.
    """
    await work.lock([contact_id])
    message = work.messages.of(contact_id).get(message_id)
    if message is None or receipt.verdict is Verdict.UNDERWAY:
        return message
    work.attempts.receive(message_id, receipt)
    if receipt.verdict is Verdict.DELIVERED:
        if message.accepted(None, work.now):
            message.provider_id, message.channel = receipt.provider_id, receipt.channel or message.channel
            say_delivered(work, message, proof=Proof.ACCEPTED, at=work.now, receipt=receipt.code)
    elif message.provider_id == receipt.provider_id:
        _failed(work, message, receipt, chance=chance)
    return message


def _failed(work: Work, message: Message, receipt: Receipt, *, chance: float) -> None:
    if message.state is State.SENT:
        message.contradict(receipt.code)
        leave_to_person(work, work.contacts.of(message.contact_id), message)
        say_failed(work, message)
    elif message.state is State.HANDED_OVER:
        _bounced(work, message, receipt, chance=chance)


def _bounced(work: Work, message: Message, receipt: Receipt, *, chance: float) -> None:
    """Another channel at once where this one refuses for good, the same one later where it failed for now; a person
    where nothing is left. Somebody on duty who cannot be reached is followed by the team's address.
    """
    for_good = receipt.verdict is Verdict.REFUSED
    if message.kind is Kind.ALERT:
        over = for_good and message.attempts > 1
    else:
        if for_good and message.channel is not None:
            message.refuse(message.channel)
        over = routing.choose(message.ways, message.refused, message.age(work.now)) is None
        over = over or schedule.person_needed(message.began_at, work.now)
    if over:
        ask_person(work, message, receipt.code)
        return
    at_once = for_good and message.to_referrer
    wait = schedule.wait_after(message.attempts, chance=chance)
    message.bounce(next_try_at=receipt.at if at_once else receipt.at + wait, reason=receipt.code)
    _drop_if_over(work, message)


def _drop_if_over(work: Work, message: Message) -> None:
    """An alert that nobody need act on any more does not go on to the team."""
    reason = alerts.over(work.contacts.of(message.contact_id), message) if message.kind is Kind.ALERT else None
    if reason is not None:
        message.supersede(work.now, reason)
