"""What triage says: duty is alerted, the referrer is told and asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.notify.application.commands.announcing import keep, leave_to_person
from services.notify.application.commands.duty import alert_anew, alert_duty, end_all, end_what_is_over
from services.notify.application.ports import Work
from services.notify.domain.model import Contact, Decision, Kind
from services.notify.domain.policy import alerts, asking, owed
from shared.contracts.envelope import Event, EventData
from shared.contracts.triage import (
    CaseRestated,
    ChallengeAnswered,
    ContactClosed,
    ContactOpened,
    ContactRated,
    ContactReopened,
    DecisionMade,
    InformationRequested,
    SubjectRated,
)
from shared.policy.model import Pack

from .common import exactly, know, occasion_of, pack_of, ref_of


async def alert_on_rating(event: Event[ContactRated], work: Work) -> None:
    """A rating that pages alerts duty at once and begins the ladder; one that no longer pages ends it."""
    said = event.data
    contact = know(event, said.contact, work)
    if _rate(event, contact, said.subjects):
        _mind_persons(contact, work)
        _alert(event, contact, work, pack=exactly(said.policy, work), pages=said.pages)


async def stop_alerting(event: Event[ContactOpened], work: Work) -> None:
    """Somebody is looking: nobody else is alerted to look. Where the pack says so, the referrer is told that."""
    contact = know(event, event.data.contact, work)
    contact.attend(opened_at=event.data.opened_at)
    end_all(work, contact, reason="opened")
    keep(work, owed.on_opening(pack_of(contact, work), contact, occasion_of(event, work)))


async def stop_alerting_when_closed(event: Event[ContactClosed], work: Work) -> None:
    """The front door's work is done: nobody need look any more."""
    contact = know(event, event.data.contact, work)
    contact.attend(closed_at=event.data.closed_at)
    end_all(work, contact, reason="closed")
    _mind_persons(contact, work)
    _drop_questions(contact, work)


async def tell_decision(event: Event[DecisionMade], work: Work) -> None:
    """When the last subject is decided the referrer is told of all; a later version is one more notice."""
    contact = know(event, event.data.contact, work)
    _decide(contact, event.data, work)
    contact.undecided = event.data.undecided
    _tell_decisions(event, contact, work, pack=exactly(event.data.policy, work), outcome=event.data.outcome)


async def ask_referrer(event: Event[InformationRequested], work: Work) -> None:
    """The referrer is asked, in the pack's words; where nothing may be sent, a person is to ask."""
    contact = know(event, event.data.contact, work)
    _ask(event, contact, work, event.data)


async def tell_challenge_answer(event: Event[ChallengeAnswered], work: Work) -> None:
    """Whoever challenged a decision is told how it was answered, why, and what stands."""
    contact = know(event, event.data.contact, work)
    _answer(event, contact, work, event.data)


async def note_reopening(event: Event[ContactReopened], work: Work) -> None:
    """What was closed is with staff again. The referrer is not told of that; where it still pages and nobody has ever
    opened it, duty is alerted anew.
    """
    contact = know(event, event.data.contact, work)
    anew = contact.reopen(event.data.reopened_at)
    _mind_persons(contact, work)
    if anew:
        alert_anew(work, contact, occasion_of(event, work), pack=pack_of(contact, work))


async def take_case_as_restated(event: Event[CaseRestated], work: Work) -> None:
    """The whole case said anew: whatever it asks for and was not done yet is done now, through the same ids.

    What is news to us as rated and as looked at alerts nobody; raised since we knew of a rating, it does.
    """
    said = event.data
    contact = know(event, said.contact, work)
    first, was_closed = contact.rating_version == 0, contact.closed_at is not None
    if contact.attend_as_restated(opened_at=said.opened_at, closed_at=said.closed_at):
        end_all(work, contact, reason="opened")
    newest = _rate(event, contact, (standing.rated for standing in said.subjects))
    pack = exactly(said.policy, work)
    if was_closed and contact.closed_at is None:
        contact.page_anew(event.time)
    if newest:
        _alert(event, contact, work, pack=pack, pages=said.pages)
    if first and contact.attended:
        end_all(work, contact, reason="opened")
    _take_decisions(event, contact, work, pack=pack)
    _mind_persons(contact, work)
    _take_questions(event, contact, work)


def _take_decisions(event: Event[CaseRestated], contact: Contact, work: Work, *, pack: Pack) -> None:
    subjects = event.data.subjects
    decisions = [standing.decision for standing in subjects if standing.decision is not None]
    for decision in decisions:
        _decide(contact, decision, work)
    contact.undecided = len(subjects) - len(decisions)
    if decisions:
        _tell_decisions(event, contact, work, pack=pack, outcome=decisions[-1].outcome)


def _take_questions(event: Event[CaseRestated], contact: Contact, work: Work) -> None:
    said = event.data
    for request in said.requests:
        _ask(event, contact, work, request)
    if said.closed_at is not None:
        _drop_questions(contact, work)
    for answer in said.challenges_answered:
        _answer(event, contact, work, answer)


def _rate(event: Event[Any], contact: Contact, subjects: Iterable[SubjectRated]) -> bool:
    """Notes a rating. False where a newer one is known, or it has none yet."""
    said: ContactRated | CaseRestated = event.data
    flags: set[str] = set()
    for subject in subjects:
        contact.know_subject(subject.subject_id, position=subject.position, kind=subject.kind.value)
        flags.update(subject.flags)
    version, policy = said.rating_version, ref_of(said.policy)
    newest = contact.rate(rating=said.rating, version=version, policy=policy, flags=frozenset(flags))
    if newest:
        episode = contact.paging.number
        contact.paging.hear(pages=said.pages, event_id=event.id, at=event.time)
        if contact.paging.number > episode:
            contact.rise(event.time)
    return newest


def _decide(contact: Contact, said: DecisionMade, work: Work) -> None:
    contact.know_subject(said.subject.subject_id, position=said.subject.position, kind=said.subject.kind.value)
    contact.decide(
        said.subject.subject_id,
        Decision(
            version=said.decision_version,
            outcome=said.outcome,
            reason_codes=said.reason_codes,
            service_codes=said.service_codes,
            policy=ref_of(said.policy),
            heard_at=work.now,
        ),
    )


def _tell_decisions(event: Event[EventData], contact: Contact, work: Work, *, pack: Pack, outcome: str) -> None:
    messages = work.messages.of(contact.contact_id)
    for message in owed.stale(contact, messages.values()):
        message.supersede(work.now, "decided" if message.kind is Kind.NOTICE else "newer_decision")
    keep(work, owed.on_decision(pack, contact, messages.values(), outcome, occasion_of(event, work)))
    keep(work, owed.on_revision(pack, contact, messages.values(), occasion_of(event, work)))


def _ask(event: Event[Any], contact: Contact, work: Work, said: InformationRequested) -> None:
    pack, occasion = pack_of(contact, work), occasion_of(event, work)
    keep(work, [asking.question(pack, contact, said.request_id, said.question_codes, occasion)])


def _mind_persons(contact: Contact, work: Work) -> None:
    """What was owed before may from now on be told by a person only, or by a machine again."""
    for message in work.messages.of(contact.contact_id).values():
        if not message.open or leave_to_person(work, contact, message):
            continue
        template = owed.template_again(pack_of(contact, work), contact, message)
        if template is None:
            continue
        message.template = template
        if contact.may_be_sent:
            message.resend(work.now)
        else:
            message.reason = owed.NO_ADDRESS


def _drop_questions(contact: Contact, work: Work) -> None:
    """Nobody waits for an answer any more: what was not asked yet is not asked."""
    for message in work.messages.of(contact.contact_id).values():
        if message.kind is Kind.QUESTION:
            message.supersede(work.now, "closed")


def _answer(event: Event[Any], contact: Contact, work: Work, said: ChallengeAnswered) -> None:
    answer = asking.Answer(challenge_id=said.challenge_id, result=said.result, reason_codes=said.reason_codes)
    keep(work, asking.challenge_answer(pack_of(contact, work), contact, answer, occasion_of(event, work)))


def _alert(event: Event[EventData], contact: Contact, work: Work, *, pack: Pack, pages: bool) -> None:
    end_what_is_over(work, contact)
    asked = alerts.on_rating(pack, contact, pages=pages, occasion=occasion_of(event, work))
    alert_duty(work, contact, asked, pack=pack)
