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
    Ladder,
    Message,
    State,
    message_id,
    next_rung_at,
)
from shared.policy.clocks import Attributes, clocks_for
from shared.policy.model import Pack
from shared.policy.telling import alerts_for, messages_for
from shared.policy.timetable import MessageRule

PROFESSIONALS: Final = frozenset({"involved_professional", "professional"})
FAMILY: Final = "family"
NOT_TO_FAMILY: Final = "do_not_alert_family"
"""The pack's flag for worries (FGM, honour-based violence, fabricated illness) of which no machine tells the family."""
UNKNOWN_KIND: Final = "other"
BY_PERSON_ONLY: Final = ""
REMINDER: Final = "duty-reminder"
LADDER: Final = "ladder"
"""What the alerts to look at a contact are grouped by, whoever asks for them: the rating or its clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When something was heard (business time), and the trace it belongs to."""

    at: datetime
    correlation_id: UUID
    traceparent: str | None


def on_receipt(pack: Pack, contact: Contact, occasion: Occasion) -> list[Message]:
    """What the referrer is sent because the contact has been received."""
    if contact.referrer_kind == UNKNOWN_KIND:
        return [_unknown_referrer(contact, Kind.ACKNOWLEDGEMENT, key="", occasion=occasion)]
    return _notices(pack, contact, "ContactReceived", {}, key="", occasion=occasion)


def on_decision(pack: Pack, contact: Contact, sent: Iterable[Message], outcome: str, at: Occasion) -> list[Message]:
    """The notice of all decisions, once the last subject is decided; one for each set of versions.

    It is a revision only where an earlier notice has gone out, or is going out now.
    """
    if not contact.all_decided:
        return []
    if contact.referrer_kind == UNKNOWN_KIND:
        return [_unknown_referrer(contact, Kind.OUTCOME, key=contact.decisions_key(), occasion=at)]
    gone = (State.SENT, State.TOLD, State.LEASED)
    revised = any(message.kind is Kind.OUTCOME and message.state in gone for message in sent)
    event = "DecisionRevised" if revised else "DecisionMade"
    attributes: Attributes = {"outcome": outcome, "all_decided": True}
    return _notices(pack, contact, event, attributes, key=contact.decisions_key(), occasion=at)


def on_clock(pack: Pack, contact: Contact, step: ClockStep, occasion: Occasion) -> list[Message]:
    """What the referrer is sent because of a clock: at 24 hours, what is known then."""
    found = _notices(pack, contact, step.event, _attributes(step), key=step.kind, occasion=occasion)
    for message in found:
        if contact.all_decided:
            message.supersede(occasion.at, "decided")
    return found


def stale(contact: Contact, messages: Iterable[Message]) -> list[Message]:
    """Unsent messages that no longer tell what stands: an older decision, or "not yet" when all is decided."""
    return [
        message
        for message in messages
        if message.tells_outcome
        and (
            not contact.tells_what_stands(message.tells)
            or (message.kind is Kind.NOTICE and contact.all_decided)
            or (message.kind is Kind.OUTCOME and len(message.tells) < len(contact.decisions))
        )
    ]


def alerts_on_rating(pack: Pack, contact: Contact, *, pages: bool, occasion: Occasion) -> list[Message]:
    """Whom a rating alerts at once."""
    attributes: Attributes = {"pages": pages, "rating": contact.rating, "referrer_kind": contact.referrer_kind}
    return [
        alert(contact, rung=rule.rung, cause=LADDER, template=rule.template, because=rule.code, occasion=occasion)
        for rule in alerts_for(pack, "ContactRated", attributes)
    ]


def alerts_on_clock(pack: Pack, contact: Contact, step: ClockStep, occasion: Occasion) -> list[Message]:
    """Whom a clock's warning or breach alerts. Clocks of several subjects due at the same instant alert once."""
    opening = _waits_for_opening(pack, step.kind)
    found: list[Message] = []
    for rule in alerts_for(pack, step.event, _attributes(step)):
        message = alert(
            contact,
            rung=rule.rung,
            cause=LADDER if opening else f"{rule.code}|{step.kind}|{step.due_at.isoformat()}",
            template=rule.template,
            because=rule.code,
            occasion=occasion,
        )
        message.deadline_id = step.deadline_id
        if opening and contact.attended:
            message.supersede(occasion.at, "opened")
        found.append(message)
    return found


def alert(contact: Contact, *, rung: int, cause: str, template: str, because: str, occasion: Occasion) -> Message:
    """One alert to one rung of the duty ladder; for each contact, rung and cause there is at most one."""
    return Message(
        id=message_id(contact.contact_id, f"alert|{rung}|{cause}"),
        contact_id=contact.contact_id,
        kind=Kind.ALERT,
        purpose=because,
        template=template,
        created_at=occasion.at,
        correlation_id=occasion.correlation_id,
        traceparent=occasion.traceparent,
        rung=rung,
        because=cause,
    )


def alerts_unread(pack: Pack, contact: Contact, occasion: Occasion) -> list[Message]:
    """Alerts duty to what may have been a paging rating and could not be read: as to one that could not be made."""
    rating = pack.rating_of(pack.fallbacks.unrated.route)
    return [
        alert(contact, rung=rule.rung, cause=LADDER, template=rule.template, because=rule.code, occasion=occasion)
        for rule in alerts_for(pack, "ContactRated", {"pages": rating.pages, "rating": rating.code})
    ]


def ladder_from(pack: Pack, message: Message) -> Ladder:
    """The climb that begins with this alert."""
    rung = message.rung or 0
    return Ladder(
        contact_id=message.contact_id,
        cause=LADDER,
        template=message.template,
        because=message.purpose,
        started_at=message.created_at,
        rung=rung,
        next_at=next_rung_at(pack.ladder, rung, message.created_at),
        correlation_id=message.correlation_id,
        traceparent=message.traceparent,
    )


def _notices(
    pack: Pack, contact: Contact, event: str, attributes: Attributes, *, key: str, occasion: Occasion
) -> list[Message]:
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
    if not contact.has_address:
        message.needs_person("no_address")
    elif rule.tells_outcome and contact.referrer_kind == FAMILY and NOT_TO_FAMILY in contact.flags:
        message.template = BY_PERSON_ONLY
        message.needs_person("family_not_alerted")
    return message


def _kind(rule: MessageRule) -> Kind:
    if rule.on.event == "ContactReceived":
        return Kind.ACKNOWLEDGEMENT
    if rule.tells_outcome and rule.on.event in ("DecisionMade", "DecisionRevised"):
        return Kind.OUTCOME
    return Kind.NOTICE


def _a_person_must_tell(pack: Pack, contact: Contact, rule: MessageRule) -> bool:
    """Without an address: professionals are phoned with what was decided, and wherever a clock waits for it."""
    if contact.referrer_kind not in PROFESSIONALS:
        return False
    known: Attributes = {"referrer_kind": contact.referrer_kind, "has_address": contact.has_address}
    running = {clock.kind for clock in clocks_for(pack, "ContactReceived", known)}
    return rule.tells_outcome or rule.clock in running


def _unknown_referrer(contact: Contact, kind: Kind, *, key: str, occasion: Occasion) -> Message:
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


def _attributes(step: ClockStep) -> Attributes:
    return {"kind": step.kind, "rating": step.rating, "share": step.share}


def _waits_for_opening(pack: Pack, kind: str) -> bool:
    clock = pack.clocks.get(kind)
    return clock is not None and any(trigger.event == "ContactOpened" for trigger in clock.stops_on)
