"""Which messages somebody is owed, by the pack: the same whatever the order in which the services' events arrive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notify.domain.model import (
    ClockStep,
    Contact,
    Kind,
    Message,
    State,
    message_id,
)
from shared.policy.clocks import Attributes, clocks_for
from shared.policy.model import Pack
from shared.policy.telling import messages_for
from shared.policy.timetable import MessageRule

PROFESSIONALS: Final = frozenset({"involved_professional", "professional"})
FAMILY: Final = "family"
NOT_TO_FAMILY: Final = "do_not_alert_family"
"""The pack's flag for worries (FGM, honour-based violence, fabricated illness) of which no machine tells the family."""
FAMILY_NOT_ALERTED: Final = "family_not_alerted"
NO_ADDRESS: Final = "no_address"
CLOSED_UNDECIDED: Final = "closed_undecided"
UNKNOWN_KIND: Final = "other"
BY_PERSON_ONLY: Final = ""
REMINDER: Final = "duty-reminder"
_GONE: Final = frozenset({State.SENT, State.TOLD})
_GOING: Final = _GONE | {State.LEASED, State.HANDED_OVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When something was heard (business time), and the trace it belongs to."""

    at: datetime
    correlation_id: UUID
    traceparent: str | None


def on_receipt(pack: Pack, contact: Contact, occasion: Occasion) -> list[Message]:
    """What the referrer is sent because the contact has been received."""
    if contact.referrer_kind == UNKNOWN_KIND:
        return [unknown_referrer(contact, Kind.ACKNOWLEDGEMENT, key="", occasion=occasion)]
    return notices(pack, contact, "ContactReceived", {}, key="", occasion=occasion)


def on_decision(pack: Pack, contact: Contact, sent: Iterable[Message], outcome: str, at: Occasion) -> list[Message]:
    """The notice of all decisions, once the last subject is decided; one for each set of versions.

    It is a revision only where an earlier one has gone out, or is going out now; or where what was told at 24 hours of
    some has changed since.
    """
    if not contact.all_decided:
        return []
    if contact.referrer_kind == UNKNOWN_KIND:
        return [unknown_referrer(contact, Kind.OUTCOME, key=contact.decisions_key(), occasion=at)]
    gone = [message for message in sent if message.state in _GOING]
    revised = _complete(gone) or bool(_told_otherwise(contact, gone))
    event = "DecisionRevised" if revised else "DecisionMade"
    attributes: Attributes = {"outcome": outcome, "all_decided": True}
    return notices(pack, contact, event, attributes, key=contact.decisions_key(), occasion=at)


def on_revision(pack: Pack, contact: Contact, sent: Iterable[Message], occasion: Occasion) -> list[Message]:
    """A decision told at 24 hours, and revised since, is told anew at once while others are still open (domain.md: one
    notice for each decision version). Once the whole was told, the whole is told again when it is decided again.
    """
    gone = [message for message in sent if message.state in _GONE]
    changed = _told_otherwise(contact, gone)
    if contact.all_decided or _complete(gone) or not changed:
        return []
    attributes: Attributes = {"outcome": contact.decisions[changed[0]].outcome, "all_decided": False}
    key = f"so far {contact.decisions_key()}"
    found = notices(pack, contact, "DecisionRevised", attributes, key=key, occasion=occasion)
    for message in found:
        message.complete = False
    return found


def _complete(gone: Iterable[Message]) -> bool:
    return any(message.complete for message in gone)


def _told_otherwise(contact: Contact, gone: Iterable[Message]) -> list[UUID]:
    """The subjects of whom an older decision is the newest that was told."""
    told: dict[UUID, int] = {}
    for message in gone:
        if message.kind in (Kind.NOTICE, Kind.OUTCOME):
            told |= {subject: max(version, told.get(subject, 0)) for subject, version in message.tells.items()}
    return [subject for subject, version in told.items() if not contact.tells_what_stands({subject: version})]


def on_clock(pack: Pack, contact: Contact, step: ClockStep, occasion: Occasion) -> list[Message]:
    """What the referrer is sent because of a clock: at 24 hours, what is known then."""
    found = notices(pack, contact, step.event, attributes_of(step), key=step.kind, occasion=occasion)
    for message in found:
        if contact.all_decided:
            message.supersede(occasion.at, "decided")
    return found


def on_opening(pack: Pack, contact: Contact, occasion: Occasion) -> list[Message]:
    """What the referrer is sent because somebody is looking now: once, and not where all is decided already."""
    if contact.all_decided:
        return []
    return notices(pack, contact, "ContactOpened", {}, key="", occasion=occasion)


def attributes_of(step: ClockStep) -> Attributes:
    """What the pack may ask about a clock's step."""
    return {"kind": step.kind, "rating": step.rating, "share": step.share}


def stale(contact: Contact, messages: Iterable[Message]) -> list[Message]:
    """Unsent messages that no longer tell what stands: an older decision, or "not yet" or "we are looking" when all is
    decided. What is not fixed before it is sent tells what stands then.
    """
    return [message for message in messages if _stale(contact, message)]


def _stale(contact: Contact, message: Message) -> bool:
    if message.kind is Kind.NOTICE:
        return contact.all_decided
    if message.kind is not Kind.OUTCOME:
        return False
    older = len(message.tells) < len(contact.decisions) or (contact.all_decided and not message.complete)
    return older or not contact.tells_what_stands(message.tells)


def only_by_person(contact: Contact, message: Message) -> str | None:
    """Why no machine may tell this as things stand now; None where one may.

    Asked anew before every try: the family is not told an outcome where a rating, heard at any time, says not to alert
    them (domain.md: FGM, honour-based violence, fabricated illness). And nobody is written to that we still work on
    what was closed without a decision.
    """
    if message.tells_outcome and contact.referrer_kind == FAMILY and NOT_TO_FAMILY in contact.flags:
        return FAMILY_NOT_ALERTED
    if message.kind is Kind.NOTICE and contact.closed_at is not None and not contact.all_decided:
        return CLOSED_UNDECIDED
    return None


def leave_to_person(message: Message, reason: str, *, token: UUID | None = None) -> bool:
    """From now on only a person may tell it. True where one is to be asked; False where one was, and where it is
    settled, with a provider, or being sent just now (unless by the holder of ``token``).
    """
    asked = message.state is not State.HANDED_OVER and message.needs_person(reason, token=token)
    if message.state is State.NEEDS_PERSON:
        message.template, message.reason = BY_PERSON_ONLY, reason
    return asked


def template_again(pack: Pack, contact: Contact, message: Message) -> str | None:
    """The template of what was left to a person because the contact was closed undecided, once it is open again."""
    if message.reason != CLOSED_UNDECIDED or only_by_person(contact, message) is not None:
        return None
    return next((rule.template for rule in pack.messages if rule.code == message.purpose), None)


def notices(
    pack: Pack, contact: Contact, event: str, attributes: Attributes, *, key: str, occasion: Occasion
) -> list[Message]:
    """What the referrer is sent because of an event, one message a rule; ``key`` tells it from others of its kind."""
    if contact.referrer_kind is None:
        return []
    known = {**attributes, "has_address": contact.has_address}
    rules = messages_for(pack, event, referrer_kind=contact.referrer_kind, attributes=known)
    notices = (_notice(pack, contact, rule, key=key, occasion=occasion) for rule in rules)
    return [notice for notice in notices if notice is not None]


def _notice(pack: Pack, contact: Contact, rule: MessageRule, *, key: str, occasion: Occasion) -> Message | None:
    kind = _kind(rule)
    if not contact.has_address and not _a_person_must_tell(pack, contact, rule):
        return None
    message = Message(
        id=message_id(contact.contact_id, f"{rule.code if kind is Kind.NOTICE else kind}|{key}"),
        contact_id=contact.contact_id,
        kind=kind,
        purpose=rule.code,
        template=rule.template,
        created_at=occasion.at,
        correlation_id=occasion.correlation_id,
        traceparent=occasion.traceparent,
        tells_outcome=rule.tells_outcome,
        tells=contact.versions() if kind is Kind.OUTCOME else {},
        complete=kind is Kind.OUTCOME,
    )
    if (reason := only_by_person(contact, message)) is not None:
        leave_to_person(message, reason)
    elif not contact.may_be_sent:
        message.needs_person(NO_ADDRESS)
    return message


def _kind(rule: MessageRule) -> Kind:
    if rule.on.event == "ContactReceived":
        return Kind.ACKNOWLEDGEMENT
    if rule.tells_outcome and rule.on.event in ("DecisionMade", "DecisionRevised"):
        return Kind.OUTCOME
    return Kind.ANSWER if rule.on.event == "ChallengeAnswered" else Kind.NOTICE


def _a_person_must_tell(pack: Pack, contact: Contact, rule: MessageRule) -> bool:
    """Without an address: professionals are phoned with what was decided, and wherever a clock waits for it."""
    if contact.referrer_kind not in PROFESSIONALS:
        return False
    known: Attributes = {"referrer_kind": contact.referrer_kind, "has_address": contact.has_address}
    running = {clock.kind for clock in clocks_for(pack, "ContactReceived", known)}
    return rule.tells_outcome or rule.clock in running


def unknown_referrer(contact: Contact, kind: Kind, *, key: str, occasion: Occasion) -> Message:
    """A kind of referrer that this release does not know: nothing is sent, a person decides."""
    told = kind is Kind.OUTCOME
    message = Message(
        id=message_id(contact.contact_id, f"{kind}|{key}"),
        contact_id=contact.contact_id,
        kind=kind,
        purpose="unknown-referrer",
        template=BY_PERSON_ONLY,
        created_at=occasion.at,
        correlation_id=occasion.correlation_id,
        traceparent=occasion.traceparent,
        tells_outcome=told,
        tells=contact.versions() if told else {},
        complete=told,
    )
    message.needs_person("referrer_kind_unknown")
    return message
