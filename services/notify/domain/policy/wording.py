"""What a letter may say: our reference, the pack's own words, and which person "the first child you named" is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.notify.domain.model import Contact, Decision, Kind, Message, Subject
from shared.policy.model import Pack

_NOUNS: Final = {"child": "child", "unborn": "unborn baby", "adult": "adult"}
_RESULTS: Final = {
    "upheld": "We agree with you.",
    "partly_upheld": "We agree with you in part.",
    "not_upheld": "We have not changed our view.",
}
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


PackNamed = Callable[[str | None], Pack]
"""Gives a policy pack by its reference; the active one for None."""


class CannotWrite(Exception):
    """The pack has no words for something that must be told: a person must tell it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeWords:
    """One subject's decision in plain words."""

    who: str
    words: str
    reasons: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWords:
    """What an alert says of one contact: no more than is needed to go and look."""

    reference: str
    rating: str
    link: str


def alert_words(contact: Contact, pack: Pack | None, *, link: str) -> AlertWords:
    """The words of an alert; ``link`` is where staff look at the contact. Without the pack that names its rating it
    says so: an alert does not wait for that.
    """
    rating = pack.ratings.get(contact.rating or "") if pack else None
    return AlertWords(reference=contact.reference, rating=rating.name if rating else "not known yet", link=link)


def words_for(message: Message, contact: Contact, pack_named: PackNamed) -> dict[str, object]:
    """The values a template may use. Outcomes are among them only for a message that may tell them.

    Each decision is told in the words of the pack it was made with.

    Raises CannotWrite where the pack knows no words for a code.
    """
    words: dict[str, object] = {"reference": contact.reference}
    words["received"] = _moment(contact.received_at, pack_named(None))
    words |= _words_of_codes(message, pack_named(contact.policy))
    if message.tells_outcome:
        named = contact.told_of()
        told = {subject_id: contact.decisions[subject_id] for subject_id in message.tells if subject_id in named}
        words["outcomes"] = [
            _outcome(who(contact, subject_id), told[subject_id], pack_named(told[subject_id].policy))
            for subject_id in _in_order(contact, told)
        ]
        words["undecided"] = [
            who(contact, subject_id) for subject_id in _in_order(contact, named) if subject_id not in told
        ]
    return words


def _words_of_codes(message: Message, pack: Pack) -> dict[str, object]:
    if message.kind is Kind.QUESTION:
        return {"questions": _all(pack.questions, message.codes, "no_words_for_question")}
    if message.kind is not Kind.ANSWER:
        return {}
    if message.result not in _RESULTS:
        raise CannotWrite("no_words_for_result")
    return {
        "result": _RESULTS[message.result],
        "reasons": _all(pack.reasons, message.codes, "no_words_for_reason"),
    }


def who(contact: Contact, subject_id: UUID) -> str:
    """How the referrer knows this person: "the second child you named". Never a name."""
    subject = contact.subjects[subject_id]
    noun = _NOUNS.get(subject.kind, "person")
    alike = [each for each in contact.told_of().values() if _NOUNS.get(each.kind, "person") == noun]
    if len(alike) == 1:
        return f"the {noun} you told us about"
    return f"the {_ordinal(1 + sum(each.position < subject.position for each in alike))} {noun} you named"


def _outcome(whose: str, decision: Decision, pack: Pack) -> OutcomeWords:
    outcome = pack.outcomes.get(decision.outcome)
    if outcome is None:
        raise CannotWrite("no_words_for_outcome")
    return OutcomeWords(
        who=whose,
        words=outcome.plain_words,
        reasons=_all(pack.reasons, decision.reason_codes, "no_words_for_reason"),
        services=_all(pack.services, decision.service_codes, "no_words_for_service"),
    )


def _all(known: Mapping[str, str], codes: tuple[str, ...], otherwise: str) -> tuple[str, ...]:
    if any(code not in known for code in codes):
        raise CannotWrite(otherwise)
    return tuple(known[code] for code in codes)


def _in_order(contact: Contact, subject_ids: Mapping[UUID, Decision] | Mapping[UUID, Subject]) -> list[UUID]:
    return sorted(subject_ids, key=lambda subject_id: contact.subjects[subject_id].position)


def _ordinal(number: int) -> str:
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _moment(at: datetime | None, pack: Pack) -> str:
    if at is None:
        raise CannotWrite("not_known_when_received")
    local = at.astimezone(ZoneInfo(pack.calendar.zone))
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}"
