"""What notify does about each event: note what it says, then ask the pack who is owed what. None of these commits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from services.notify.domain.model import ClockStep, Contact, Decision, Kind, Message, message_id
from services.notify.domain.policy import alerts, owed
from services.notify.domain.policy.owed import Occasion
from shared.contracts.deadlines import DeadlineApproaching, DeadlineBreached
from shared.contracts.envelope import Event, EventData
from shared.contracts.intake import ContactErased, ContactReceived
from shared.contracts.parts import ContactKept, PolicyVersion
from shared.contracts.triage import (
    CaseRestated,
    ContactClosed,
    ContactOpened,
    ContactRated,
    DecisionMade,
    SubjectRated,
)
from shared.messaging.parking import ParkedEvent
from shared.policy.model import Pack

from .commands.announcing import keep
from .commands.duty import alert_duty, end_all, end_what_is_over
from .ports import Work

Handle = Callable[[Event[Any], Work], Awaitable[None]]


async def acknowledge_contact(event: Event[ContactReceived], work: Work) -> None:
    """The referrer is sent our reference; what waited for knowing who they are is decided now."""
    contact = _know(event, event.data.contact, work)
    for subject in event.data.subjects:
        contact.know_subject(subject.subject_id, position=subject.position, kind=subject.kind.value)
    contact.received = True
    keep(work, owed.on_receipt(work.packs.active, contact, _occasion(event, work)))


async def alert_on_rating(event: Event[ContactRated], work: Work) -> None:
    """A rating that pages alerts duty at once and begins the ladder; one that no longer pages ends it."""
    said = event.data
    contact = _know(event, said.contact, work)
    if _rate(event, contact, said.subjects):
        _alert(event, contact, work, pack=_exact(said.policy, work), pages=said.pages)


async def stop_alerting(event: Event[ContactOpened], work: Work) -> None:
    """Somebody is looking: nobody else is alerted to look."""
    contact = _know(event, event.data.contact, work)
    contact.attend(opened_at=event.data.opened_at)
    end_all(work, contact, reason="opened")


async def stop_alerting_when_closed(event: Event[ContactClosed], work: Work) -> None:
    """The front door's work is done: nobody need look any more."""
    contact = _know(event, event.data.contact, work)
    contact.attend(closed_at=event.data.closed_at)
    end_all(work, contact, reason="closed")


async def tell_decision(event: Event[DecisionMade], work: Work) -> None:
    """When the last subject is decided the referrer is told of all; a later version is one more notice."""
    contact = _know(event, event.data.contact, work)
    _decide(contact, event.data)
    contact.undecided = event.data.undecided
    _tell_decisions(event, contact, work, pack=_exact(event.data.policy, work), outcome=event.data.outcome)


async def take_case_as_restated(event: Event[CaseRestated], work: Work) -> None:
    """The whole case said anew: whatever it asks for and was not done yet is done now, through the same ids.

    What is news to us as rated and as looked at alerts nobody; raised since we knew of a rating, it does.
    """
    said = event.data
    contact = _know(event, said.contact, work)
    first = contact.rating_version == 0
    if contact.attend(opened_at=said.opened_at, closed_at=said.closed_at):
        end_all(work, contact, reason="opened")
    newest = _rate(event, contact, (standing.rated for standing in said.subjects))
    decisions = [standing.decision for standing in said.subjects if standing.decision is not None]
    for decision in decisions:
        _decide(contact, decision)
    contact.undecided = len(said.subjects) - len(decisions)
    pack = _exact(said.policy, work)
    if newest:
        _alert(event, contact, work, pack=pack, pages=said.pages)
    if first and contact.attended:
        end_all(work, contact, reason="opened")
    if decisions:
        _tell_decisions(event, contact, work, pack=pack, outcome=decisions[-1].outcome)


async def hear_clock(event: Event[DeadlineApproaching | DeadlineBreached], work: Work) -> None:
    """A warning or breach: staff are alerted and the referrer told as the pack has it."""
    if isinstance(event.data, DeadlineApproaching) and event.time >= event.data.clock.due_at:
        return  # found late: it is due already, and the breach itself alerts
    step = _step(event.data)
    contact = work.contacts.of(event.contact_id)
    contact.know_reference(event.data.reference)
    occasion, pack = _occasion(event, work), _pack(contact, work)
    keep(work, alerts.on_clock(pack, contact, step, occasion))
    if contact.referrer_kind is None:
        contact.later(step)
    else:
        keep(work, owed.on_clock(pack, contact, step, occasion))


async def forget_contact(event: Event[ContactErased], work: Work) -> None:
    """Nothing of the contact stays here but the mark that it was erased."""
    await work.forget(event.contact_id)


async def make_task(parked: ParkedEvent, work: Work) -> None:
    """An event could not be dealt with: somebody may go untold, so a person is asked; one task for each event.

    What triage says may be a rating that pages: duty is alerted as if it were the most urgent.
    """
    contact = work.contacts.of(parked.contact_id)
    occasion = Occasion(at=work.now, correlation_id=parked.cause.correlation_id, traceparent=parked.cause.traceparent)
    task = Message(
        id=_task_id(parked.contact_id, parked.id),
        contact_id=parked.contact_id,
        kind=Kind.PARKED,
        purpose="parked",
        template="",
        created_at=work.now,
        correlation_id=parked.cause.correlation_id,
        because=parked.producer,
    )
    task.needs_person("parked")
    keep(work, [task])
    if parked.producer == CaseRestated.producer and not contact.attended:
        contact.paging.fear(event_id=parked.id, at=parked.time)
        end_what_is_over(work, contact)
        pack = work.packs.active
        alert_duty(work, contact, alerts.on_unread(pack, contact, occasion), pack=pack)


def settling_parked(handle: Handle) -> Handle:
    """The same handler; the task made when this event was parked, or one that it restates, is done with."""

    async def handle_and_settle(event: Event[EventData], work: Work) -> None:
        await handle(event, work)
        if work.erased(event.contact_id):
            return
        own = _task_id(event.contact_id, event.id)
        for task in work.messages.of(event.contact_id).values():
            restated = event.data.restates and task.kind is Kind.PARKED and task.because == event.producer
            if restated or task.id == own:
                task.supersede(work.now, "restated" if restated else "replayed")

    return handle_and_settle


def _task_id(contact_id: UUID, event_id: UUID) -> UUID:
    return message_id(contact_id, f"parked|{event_id}")


def _occasion(event: Event[EventData], work: Work) -> Occasion:
    return Occasion(at=work.now, correlation_id=event.correlation_id, traceparent=event.traceparent)


def _step(said: DeadlineApproaching | DeadlineBreached) -> ClockStep:
    return ClockStep(
        event=type(said).__name__,
        deadline_id=said.clock.deadline_id,
        kind=said.clock.kind,
        starts_at=said.clock.starts_at,
        due_at=said.clock.due_at,
        rating=said.clock.rating,
        share=str(said.share) if isinstance(said, DeadlineApproaching) else None,
    )


def _exact(policy: PolicyVersion, work: Work) -> Pack:
    """The version an event was made with."""
    return work.packs.exactly(policy.id, policy.version, policy.hash)


def _pack(contact: Contact, work: Work) -> Pack:
    return work.packs.named(contact.policy) if contact.policy else work.packs.active


def _know(event: Event[EventData], said: ContactKept, work: Work) -> Contact:
    contact = work.contacts.of(event.contact_id)
    contact.know_referrer(
        reference=said.reference,
        received_at=said.received_at,
        kind=said.referrer.kind.value,
        has_address=said.referrer.has_address,
    )
    for step in contact.take_steps():
        keep(work, owed.on_clock(_pack(contact, work), contact, step, _occasion(event, work)))
    return contact


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
        contact.paging.hear(pages=said.pages, event_id=event.id, at=event.time)
    return newest


def ref_of(policy: PolicyVersion) -> str:
    """A policy version as settings and packs name it."""
    return f"{policy.id}@{policy.version}"


def _decide(contact: Contact, said: DecisionMade) -> None:
    contact.know_subject(said.subject.subject_id, position=said.subject.position, kind=said.subject.kind.value)
    contact.decide(
        said.subject.subject_id,
        Decision(
            version=said.decision_version,
            outcome=said.outcome,
            reason_codes=said.reason_codes,
            service_codes=said.service_codes,
            policy=ref_of(said.policy),
        ),
    )


def _tell_decisions(event: Event[EventData], contact: Contact, work: Work, *, pack: Pack, outcome: str) -> None:
    messages = work.messages.of(contact.contact_id)
    for message in owed.stale(contact, messages.values()):
        message.supersede(work.now, "decided" if message.kind is Kind.NOTICE else "newer_decision")
    keep(work, owed.on_decision(pack, contact, messages.values(), outcome, _occasion(event, work)))


def _alert(event: Event[EventData], contact: Contact, work: Work, *, pack: Pack, pages: bool) -> None:
    end_what_is_over(work, contact)
    asked = alerts.on_rating(pack, contact, pages=pages, occasion=_occasion(event, work))
    alert_duty(work, contact, asked, pack=pack)
