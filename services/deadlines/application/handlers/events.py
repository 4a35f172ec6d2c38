"""One function an event: keep what it says, then bring the contact's clocks to what is known."""

from __future__ import annotations

from services.deadlines.application.handlers import facts
from services.deadlines.application.handlers.announcing import announce_changes
from services.deadlines.application.ports import DeadlinesWork
from services.deadlines.domain.model.contact import Contact
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactErased, ContactReceived
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed
from shared.contracts.triage import (
    CaseRestated,
    ContactClosed,
    ContactOpened,
    ContactRated,
    DecisionMade,
    DiscussionHeld,
    MilestoneRecorded,
)
from shared.messaging.parking import ParkedEvent

INTAKE, TRIAGE = frozenset({"intake"}), frozenset({"triage"})


async def start_receipt_clocks(event: Event[ContactReceived], work: DeadlinesWork) -> None:
    """A contact was received (or restated): the clocks that run for every contact start at first receipt."""
    contact = work.contacts.get(event.contact_id)
    contact.take_receipt(
        facts.receipt_of(event.data.contact, by_owner=True),
        (subject.subject_id for subject in event.data.subjects),
    )
    contact.void_parked(INTAKE, work.now)
    _settle(work, contact, Cause.of(event))


async def start_rating_clocks(event: Event[ContactRated], work: DeadlinesWork) -> None:
    """A contact was rated, or rated again: its routes' clocks run from receipt, those of lost routes are cancelled."""
    said, contact = event.data, work.contacts.get(event.contact_id)
    rulebook = work.rulebooks.named(said.policy.id, said.policy.version, said.policy.hash)
    contact.take_receipt(
        facts.receipt_of(said.contact, by_owner=False), (subject.subject_id for subject in said.subjects)
    )
    contact.take_rating(said.rating_version, said.rating, rulebook.pack.ref)
    contact.remember(facts.rated(event.contact_id, said, event.time))
    contact.void_parked(INTAKE | TRIAGE, work.now)
    _settle(work, contact, Cause.of(event))


async def take_restated_case(event: Event[CaseRestated], work: DeadlinesWork) -> None:
    """The case's full state said anew: whatever of it was never heard is taken up."""
    said, contact = event.data, work.contacts.get(event.contact_id)
    rulebook = work.rulebooks.named(said.policy.id, said.policy.version, said.policy.hash)
    contact.take_receipt(
        facts.receipt_of(said.contact, by_owner=False), (standing.rated.subject_id for standing in said.subjects)
    )
    contact.take_rating(said.rating_version, said.rating, rulebook.pack.ref)
    contact.remember(facts.restated(event.contact_id, said, event.time))
    contact.void_parked(INTAKE | TRIAGE, work.now)
    _settle(work, contact, Cause.of(event))


async def note_opening(event: Event[ContactOpened], work: DeadlinesWork) -> None:
    """Somebody has opened the contact."""
    contact = _known(event, work)
    contact.remember([facts.opened(event.contact_id, event.data.opened_at)])
    _settle(work, contact, Cause.of(event))


async def note_discussion(event: Event[DiscussionHeld], work: DeadlinesWork) -> None:
    """A discussion was held about some of the subjects."""
    contact = _known(event, work)
    contact.take_receipt(facts.receipt_of(event.data.contact, by_owner=False), event.data.subject_ids)
    contact.remember(facts.held(event.contact_id, event.data))
    _settle(work, contact, Cause.of(event))


async def note_decision(event: Event[DecisionMade], work: DeadlinesWork) -> None:
    """A subject was decided: its decision clocks are met, those after hand-over start."""
    contact = _known(event, work)
    contact.take_receipt(facts.receipt_of(event.data.contact, by_owner=False), [event.data.subject.subject_id])
    contact.remember([facts.decided(event.contact_id, event.data)])
    _settle(work, contact, Cause.of(event))


async def note_milestone(event: Event[MilestoneRecorded], work: DeadlinesWork) -> None:
    """A milestone was reached: it stops what waited for it and may start the next clock."""
    contact = _known(event, work)
    contact.take_receipt(facts.receipt_of(event.data.contact, by_owner=False), [event.data.subject_id])
    contact.remember([facts.reached(event.contact_id, event.data)])
    _settle(work, contact, Cause.of(event))


async def note_closure(event: Event[ContactClosed], work: DeadlinesWork) -> None:
    """The contact was closed: the pack says which clocks that cancels."""
    contact = _known(event, work)
    contact.remember([facts.closed(event.contact_id, event.data.closed_at, event.data.reason_code)])
    _settle(work, contact, Cause.of(event))


async def note_telling(event: Event[ReferrerAcknowledged] | Event[ReferrerInformed], work: DeadlinesWork) -> None:
    """The referrer was acknowledged or informed, with proof."""
    contact = work.contacts.get(event.contact_id)
    contact.reference = contact.reference or event.data.reference
    contact.remember([facts.told(event.contact_id, event.data)])
    _settle(work, contact, Cause.of(event))


async def forget_contact(event: Event[ContactErased], work: DeadlinesWork) -> None:
    """The contact is erased; the ledger keeps its entries, which hold ids, kinds and times only."""
    await work.forget(event.contact_id)


async def start_strictest_clocks(parked: ParkedEvent, work: DeadlinesWork) -> None:
    """A receipt or a rating could not be read or applied: until it is, the strictest route's clocks run."""
    may_rate = parked.event is None or isinstance(parked.event.data, ContactReceived | ContactRated | CaseRestated)
    if not may_rate or parked.producer not in INTAKE | TRIAGE:
        return  # whatever it would have stopped runs on, and will be missed visibly
    contact = work.contacts.get(parked.contact_id)
    contact.remember([facts.parked(parked.contact_id, parked.id, parked.producer, parked.time)])
    _settle(work, contact, parked.cause, suffix="|parked", past_calendar_skipped=True)


def _known(
    event: Event[ContactOpened]
    | Event[DiscussionHeld]
    | Event[DecisionMade]
    | Event[MilestoneRecorded]
    | Event[ContactClosed],
    work: DeadlinesWork,
) -> Contact:
    contact = work.contacts.get(event.contact_id)
    contact.take_receipt(facts.receipt_of(event.data.contact, by_owner=False), ())
    return contact


def _settle(
    work: DeadlinesWork, contact: Contact, cause: Cause, *, suffix: str = "", past_calendar_skipped: bool = False
) -> None:
    rulebook = work.rulebooks.of(contact.policy)
    changes = contact.settle(rulebook, work.now, cause.correlation_id, past_calendar_skipped=past_calendar_skipped)
    announce_changes(work, contact, changes, cause, suffix=suffix)
