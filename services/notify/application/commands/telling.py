"""What staff do about messages: attest that the referrer was told, or have one sent again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from services.notify.application.ports import Attested, Work
from services.notify.domain.model import Contact, Message
from services.notify.domain.policy import owed
from shared.contracts.notify import Proof

from .announcing import say_delivered

GRACE: Final = timedelta(minutes=1)
"""Staff name the minute in which they told it."""


class NothingToTell(Exception):
    """There is no open message to the referrer that this could attest."""

    code = "nothing_to_tell"


class NoSuchMessage(Exception):
    """Not a message to this contact's referrer."""


class ByPersonOnly(Exception):
    """No machine may tell this: it is not sent again, whoever asks."""

    code = "by_person_only"


class NotThereThen(Exception):
    """A message named came up after it is said to have been told."""

    code = "not_there_then"


async def attest_told(
    work: Work,
    contact_id: UUID,
    *,
    request_id: UUID,
    message_ids: Collection[UUID],
    how: str,
    told_at: datetime,
    told_by: str,
    note: str | None,
) -> list[Message]:
    """Staff have told the referrer: the named messages, or all that were open then. The proof is "attested".

    Nobody can have been told what came up later. The contact is locked. Raises NoSuchMessage, NothingToTell,
    NotThereThen, and NotAllowed for a message that is settled.
    """
    told = _named_or_open(work.messages.of(contact_id), message_ids, by=told_at + GRACE)
    if not told:
        raise NothingToTell
    for message in told:
        _tell_what_was_known(work.contacts.of(contact_id), message, by=told_at + GRACE)
        if message.told(work.now, how):
            say_delivered(work, message, proof=Proof.ATTESTED, at=told_at)
    attested_id = uuid5(request_id, "told")
    work.told.add(
        Attested(
            id=attested_id,
            contact_id=contact_id,
            message_ids=tuple(message.id for message in told),
            how=how,
            told_at=told_at,
            told_by=told_by,
            note=work.cipher(contact_id).encrypt(note, table="told", column="note", row_id=attested_id)
            if note
            else None,
        )
    )
    return told


def _named_or_open(messages: Mapping[UUID, Message], message_ids: Collection[UUID], *, by: datetime) -> list[Message]:
    if any(message_id not in messages for message_id in message_ids):
        raise NoSuchMessage
    named = [messages[message_id] for message_id in message_ids]
    if any(message.created_at > by for message in named):
        raise NotThereThen
    return named or [each for each in messages.values() if each.to_referrer and each.open and each.created_at <= by]


def _tell_what_was_known(contact: Contact, message: Message, *, by: datetime) -> None:
    later = contact.versions_heard_after(by)
    message.tell_what_is_known(contact.versions())
    message.tells = {key: version for key, version in message.tells.items() if later.get(key) != version}


async def send_again(work: Work, contact_id: UUID, message_id: UUID) -> Message:
    """Another round of tries, at once. The contact is locked. Raises NoSuchMessage, ByPersonOnly and NotAllowed."""
    message = work.messages.of(contact_id).get(message_id)
    if message is None:
        raise NoSuchMessage
    if message.open and (not message.template or owed.only_by_person(work.contacts.of(contact_id), message)):
        raise ByPersonOnly
    message.resend(work.now)
    return message
