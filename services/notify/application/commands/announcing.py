"""What notify says when a message has been made, delivered, attested or given up by the machine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.notify.application.ports import Work
from services.notify.domain.model import Contact, Kind, Message, State
from services.notify.domain.policy import owed
from shared.contracts.envelope import Cause
from shared.contracts.notify import (
    Delivery,
    DeliveryFailed,
    Proof,
    ReferrerAcknowledged,
    ReferrerInformed,
    StaffAlerted,
)

from .partners import tell_of_proof

NO_CHANNEL = "none"


def keep(work: Work, messages: Iterable[Message]) -> list[Message]:
    """Keeps those that are new, and says so where one needs a person from the start. Returns the new ones."""
    new = [message for message in messages if work.messages.add(message)]
    for message in new:
        if message.state is State.NEEDS_PERSON:
            say_failed(work, message)
    return new


def leave_to_person(work: Work, contact: Contact, message: Message, *, token: UUID | None = None) -> bool:
    """Whether only a person may tell it as things stand now: then one is asked, and nothing is sent."""
    reason = owed.only_by_person(contact, message)
    if reason is None:
        return False
    if owed.leave_to_person(message, reason, token=token):
        say_failed(work, message)
    return True


def ask_person(work: Work, message: Message, reason: str, *, token: UUID | None = None) -> None:
    """No machine can deliver it: a person is asked, and told so where only a person may tell it."""
    only = owed.only_by_person(work.contacts.of(message.contact_id), message)
    if message.needs_person(only or reason, token=token):
        message.template = owed.BY_PERSON_ONLY if only else message.template
        say_failed(work, message)


def say_failed(work: Work, message: Message) -> None:
    """A person must act: said once for each round of tries."""
    failed = DeliveryFailed(
        reference=work.contacts.of(message.contact_id).reference,
        message_id=message.id,
        purpose=message.purpose,
        channel=message.channel or NO_CHANNEL,
        reason_code=message.reason or "unknown",
        attempts=message.attempts,
    )
    work.announce(
        failed, contact_id=message.contact_id, cause=_cause(message), discriminator=f"round {message.resends}"
    )


def say_delivered(work: Work, message: Message, *, proof: Proof, at: datetime, receipt: str | None = None) -> None:
    """Somebody was told, and what proves it. The event's id follows from the message's: there is one proof."""
    contact = work.contacts.of(message.contact_id)
    channel = message.channel or NO_CHANNEL
    delivery = Delivery(message_id=message.id, channel=channel, proof=proof, at=at, receipt=receipt)
    said = _proof(contact, message, delivery)
    if said is not None:
        work.announce(said, contact_id=message.contact_id, cause=_cause(message))
        tell_of_proof(work, message, said)
    _tell_what_has_changed(work, contact, message)


def _tell_what_has_changed(work: Work, contact: Contact, message: Message) -> None:
    """What was decided anew while this was on its way is owed as well."""
    if message.kind not in (Kind.NOTICE, Kind.OUTCOME) or contact.tells_what_stands(message.tells):
        return
    pack = work.packs.named(contact.policy) if contact.policy else work.packs.active
    occasion = owed.Occasion(at=work.now, correlation_id=message.correlation_id, traceparent=message.traceparent)
    keep(work, owed.on_revision(pack, contact, work.messages.of(contact.contact_id).values(), occasion))


def _proof(
    contact: Contact, message: Message, delivery: Delivery
) -> ReferrerAcknowledged | ReferrerInformed | StaffAlerted | None:
    if message.kind is Kind.ACKNOWLEDGEMENT:
        return ReferrerAcknowledged(reference=contact.reference, delivery=delivery)
    if message.kind is Kind.ALERT:
        return StaffAlerted(
            reference=contact.reference,
            delivery=delivery,
            rung=str(message.rung or 0),
            because=message.purpose,
            deadline_id=message.deadline_id,
        )
    if message.tells and message.kind is not Kind.ANSWER:
        return ReferrerInformed(
            reference=contact.reference, delivery=delivery, decisions=message.tells, complete=message.complete
        )
    # "Not yet decided" with nothing decided, a question and an answer inform of no decision: the message is the record.
    return None


def _cause(message: Message) -> Cause:
    return Cause(id=message.id, correlation_id=message.correlation_id, traceparent=message.traceparent)
