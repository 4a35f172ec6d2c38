"""Whom on duty the pack alerts, by ratings and clocks: in each episode of paging each rung of the ladder once."""

from __future__ import annotations

from services.notify.domain.model import ClockStep, Contact, Kind, Ladder, Message, message_id, next_rung_at
from shared.policy.clocks import Attributes
from shared.policy.model import Pack
from shared.policy.telling import alerts_for

from .owed import Occasion, attributes_of

_LADDER = "ladder|"


def ladder_cause(episode: int) -> str:
    """What the alerts to look at a contact are grouped by in one episode of paging, whoever asks for them."""
    return f"{_LADDER}{episode}"


def episode_of(cause: str | None) -> int | None:
    """The episode of a cause that ``ladder_cause`` made; None for any other."""
    return int(cause.removeprefix(_LADDER)) if cause is not None and cause.startswith(_LADDER) else None


def on_rating(pack: Pack, contact: Contact, *, pages: bool, occasion: Occasion) -> list[Message]:
    """Whom a rating alerts at once."""
    return _when_rated(pack, contact, contact.rating, pages=pages, occasion=occasion)


def on_unread(pack: Pack, contact: Contact, occasion: Occasion) -> list[Message]:
    """Alerts duty to what may have been a paging rating and could not be read: as to one that could not be made."""
    rating = pack.rating_of(pack.fallbacks.unrated.route)
    return _when_rated(pack, contact, rating.code, pages=rating.pages, occasion=occasion)


def on_clock(pack: Pack, contact: Contact, step: ClockStep, occasion: Occasion) -> list[Message]:
    """Whom a clock's warning or breach alerts. Clocks of several subjects due at the same instant alert once."""
    opening = _waits_for_opening(pack, step.kind)
    episode = contact.paging.of_clock(step.starts_at)
    found: list[Message] = []
    for rule in alerts_for(pack, step.event, attributes_of(step)):
        message = alert(
            contact,
            rung=rule.rung,
            cause=ladder_cause(episode) if opening else f"{rule.code}|{step.kind}|{step.due_at.isoformat()}",
            template=rule.template,
            because=rule.code,
            occasion=occasion,
        )
        message.deadline_id = step.deadline_id
        if opening and contact.attended:
            message.supersede(occasion.at, "opened")
        elif opening and contact.paging.over(episode):
            message.supersede(occasion.at, "rated_lower")
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


def ladder_from(pack: Pack, message: Message) -> Ladder:
    """The climb that begins with this alert."""
    rung = message.rung or 0
    return Ladder(
        contact_id=message.contact_id,
        cause=message.because or "",
        template=message.template,
        because=message.purpose,
        started_at=message.created_at,
        rung=rung,
        next_at=next_rung_at(pack.ladder, rung, message.created_at),
        correlation_id=message.correlation_id,
        traceparent=message.traceparent,
    )


def _when_rated(pack: Pack, contact: Contact, rating: str | None, *, pages: bool, occasion: Occasion) -> list[Message]:
    attributes: Attributes = {"pages": pages, "rating": rating, "referrer_kind": contact.referrer_kind}
    cause = ladder_cause(contact.paging.number)
    return [
        alert(contact, rung=rule.rung, cause=cause, template=rule.template, because=rule.code, occasion=occasion)
        for rule in alerts_for(pack, "ContactRated", attributes)
    ]


def _waits_for_opening(pack: Pack, kind: str) -> bool:
    clock = pack.clocks.get(kind)
    return clock is not None and any(trigger.event == "ContactOpened" for trigger in clock.stops_on)
