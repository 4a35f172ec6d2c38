"""What the referrer is asked, and how a challenge is answered: by the pack, or by a person where none may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.notify.domain.model import Contact, Kind, Message, message_id
from shared.policy.clocks import Attributes
from shared.policy.model import Pack
from shared.policy.telling import messages_for

from .owed import BY_PERSON_ONLY, NO_ADDRESS, UNKNOWN_KIND, Occasion, notices, unknown_referrer

QUESTION: Final = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a challenge was answered; the reason codes are the pack's."""

    challenge_id: UUID
    result: str
    reason_codes: tuple[str, ...]


def question(pack: Pack, contact: Contact, request_id: UUID, codes: tuple[str, ...], occasion: Occasion) -> Message:
    """The question of one request. Where the pack writes to no such referrer, or there is no address, a person asks:
    a question must not wait unasked.
    """
    message = _question(contact, request_id, occasion, codes=codes)
    rules = messages_for(pack, "InformationRequested", referrer_kind=contact.referrer_kind or "", attributes={})
    if not rules:
        message.needs_person("no_message_for_referrer")
        return message
    message.purpose, message.template = rules[0].code, rules[0].template
    if not contact.may_be_sent:
        message.needs_person(NO_ADDRESS)
    return message


def answered(contact: Contact, request_id: UUID, occasion: Occasion) -> Message:
    """The same question, answered before it was heard of here: it is never sent."""
    message = _question(contact, request_id, occasion, codes=())
    message.supersede(occasion.at, "answered")
    return message


def challenge_answer(pack: Pack, contact: Contact, answer: Answer, occasion: Occasion) -> list[Message]:
    """What whoever challenged is told: the result, why, and what stands now."""
    if contact.referrer_kind == UNKNOWN_KIND:
        return [unknown_referrer(contact, Kind.ANSWER, key=str(answer.challenge_id), occasion=occasion)]
    attributes: Attributes = {"result": answer.result}
    found = notices(pack, contact, "ChallengeAnswered", attributes, key=str(answer.challenge_id), occasion=occasion)
    for message in found:
        message.codes, message.result = answer.reason_codes, answer.result
    return found


def _question(contact: Contact, request_id: UUID, occasion: Occasion, *, codes: tuple[str, ...]) -> Message:
    return Message(
        id=message_id(contact.contact_id, f"{QUESTION}|{request_id}"),
        contact_id=contact.contact_id,
        kind=Kind.QUESTION,
        purpose=QUESTION,
        template=BY_PERSON_ONLY,
        created_at=occasion.at,
        correlation_id=occasion.correlation_id,
        traceparent=occasion.traceparent,
        codes=codes,
    )
