"""Whom on duty the pack alerts, by ratings and clocks: in each episode of paging each rung of the ladder once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.notify.domain.model import ClockStep, Contact, Kind, Ladder, Message, message_id, next_rung_at
from shared.policy.clocks import Attributes
from shared.policy.model import Pack
from shared.policy.telling import alerts_for
from shared.policy.timetable import AlertRule

from .owed import Occasion, attributes_of

_LADDER = "ladder|"
_LATE = "late"
CLOCK_ENDED: Final = "clock_ended"
"""Why an alert was dropped: every clock that it was about has been met or has ended."""
_PAST_DUE = frozenset({"DeadlineBreached", "DeadlineEscalated"})
"""What a clock says once its time has passed: for each rung one alert, whichever of them comes to it first."""


def ladder_cause(episode: int) -> str:
    """What the alerts to look at a contact are grouped by in one episode of paging, whoever asks for them."""
    return f"{_LADDER}{episode}"


def episode_of(cause: str | None) -> int | None:
    """The episode of a cause that ``ladder_cause`` made; None for any other."""
    return int(cause.removeprefix(_LADDER)) if cause is not None and cause.startswith(_LADDER) else None


def why_over(contact: Contact) -> str:
    """Why the alerts of an earlier episode of paging are dropped: it pages no more, or has been alerted anew since."""
    return "alerted_anew" if contact.paging.now else "rated_lower"


def on_rating(pack: Pack, contact: Contact, *, pages: bool, occasion: Occasion) -> list[Message]:
    """Whom a rating alerts at once."""
    return _when_rated(pack, contact, contact.rating, pages=pages, occasion=occasion)


def on_unread(pack: Pack, contact: Contact, occasion: Occasion) -> list[Message]:
    """Alerts duty to what may have been a paging rating and could not be read: as to one that could not be made."""
    rating = pack.rating_of(pack.fallbacks.unrated.route)
    return _when_rated(pack, contact, rating.code, pages=rating.pages, occasion=occasion)


def on_clock(pack: Pack, contact: Contact, step: ClockStep, occasion: Occasion) -> list[Message]:
    """Whom a clock's warning, breach or escalation alerts. Clocks of several subjects due at the same instant alert
    once; so do a breach and its escalations that come to the same rung.
    """
    if _waits_for_opening(pack, step.kind):
        found = [_to_open(pack, contact, step, rule, occasion) for rule in _rules(pack, step)]
        return [message for message in found if message is not None]
    return [_about_clock(pack, contact, step, rule, occasion) for rule in _rules(pack, step)]


def again(message: Message, epoch: int) -> Message:
    """The same alert about a clock that had ended and runs again as this epoch."""
    return replace(message, id=message_id(message.contact_id, f"alert|{message.rung}|{message.because}|epoch {epoch}"))


def add_clocks(known: Message, message: Message) -> None:
    """An alert that is there already is about these clocks too."""
    known.clocks += tuple(deadline_id for deadline_id in message.clocks if deadline_id not in known.clocks)


def end_clock(message: Message, deadline_id: UUID, at: datetime) -> None:
    """A clock was met or has ended: an alert about no other that runs is dropped, unless it is on its way just now."""
    if deadline_id in message.clocks:
        message.clocks = tuple(each for each in message.clocks if each != deadline_id)
        if not message.clocks:
            message.supersede(at, CLOCK_ENDED)


def pages(message: Message) -> bool:
    """Whether the alert is to look at what a rating pages for (and not a reminder that time runs out)."""
    return episode_of(message.because) is not None


def pointless(message: Message) -> bool:
    """An alert about clocks which have all ended: nobody need hear any more that they run out."""
    of_clocks = message.deadline_id is not None and episode_of(message.because) is None
    return message.kind is Kind.ALERT and of_clocks and not message.clocks


def over(contact: Contact, message: Message) -> str | None:
    """Why an alert to look that may not have arrived need not go to anybody else; None where it must."""
    episode = episode_of(message.because)
    if episode is None:
        return None  # about a clock: over when that ends, whoever has looked
    if contact.attended_since(message.created_at):
        return "opened"
    return "rated_lower" if contact.paging.over(episode) else None


def _rules(pack: Pack, step: ClockStep) -> tuple[AlertRule, ...]:
    return alerts_for(pack, step.event, attributes_of(step))


def _to_open(pack: Pack, contact: Contact, step: ClockStep, rule: AlertRule, occasion: Occasion) -> Message | None:
    """Nobody has opened it: what the climb of this episode of paging asks for as well."""
    episode = contact.paging.of_clock(step.starts_at)
    if contact.attended and episode > contact.paging.number:
        return None  # a dropped alert would stand in the way of the climb that begins when this episode is heard of
    message = _alert_by(pack, contact, step, rule, cause=ladder_cause(episode), occasion=occasion)
    message.deadline_id = step.deadline_id
    if contact.attended:
        message.supersede(occasion.at, "opened")
    elif contact.paging.over(episode):
        message.supersede(occasion.at, why_over(contact))
    return message


def _about_clock(pack: Pack, contact: Contact, step: ClockStep, rule: AlertRule, occasion: Occasion) -> Message:
    about = _LATE if step.event in _PAST_DUE else rule.code
    cause = f"{about}|{step.kind}|{step.due_at.isoformat()}"
    message = _alert_by(pack, contact, step, rule, cause=cause, occasion=occasion)
    message.deadline_id, message.clocks = step.deadline_id, (step.deadline_id,)
    return message


def _alert_by(
    pack: Pack, contact: Contact, step: ClockStep, rule: AlertRule, *, cause: str, occasion: Occasion
) -> Message:
    named = step.rung or 0 if rule.rung is None else rule.rung
    rung = min(named, len(pack.ladder) - 1)  # deadlines may count the rungs of another version of the pack
    return alert(contact, rung=rung, cause=cause, template=rule.template, because=rule.code, occasion=occasion)


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
        alert(contact, rung=rule.rung or 0, cause=cause, template=rule.template, because=rule.code, occasion=occasion)
        for rule in alerts_for(pack, "ContactRated", attributes)
    ]


def _waits_for_opening(pack: Pack, kind: str) -> bool:
    clock = pack.clocks.get(kind)
    return clock is not None and any(trigger.event == "ContactOpened" for trigger in clock.stops_on)
