"""One function an event of triage's or notify's: keep what it says, then bring the clocks to what is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.deadlines.application.handlers import facts
from services.deadlines.application.handlers.announcing import announce_changes
from services.deadlines.application.ports import DeadlinesWork
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.occurrence import Occurrence
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactErased, ContactReceived
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed
from shared.contracts.triage import (
    CaseRestated,
    ChallengeAnswered,
    CheckAnswered,
    ChecksRequested,
    ContactAssigned,
    ContactClosed,
    ContactOpened,
    ContactRated,
    ContactReopened,
    DecisionMade,
    DiscussionHeld,
    MilestoneRecorded,
)
from shared.messaging.parking import ParkedEvent

INTAKE, TRIAGE = frozenset({"intake"}), frozenset({"triage"})


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
    settle(work, contact, Cause.of(event))


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
    settle(work, contact, Cause.of(event))


async def note_opening(event: Event[ContactOpened], work: DeadlinesWork) -> None:
    """Somebody has opened the contact."""
    note(event, work, facts.opened(event.contact_id, event.data.opened_at))


async def note_assignment(event: Event[ContactAssigned], work: DeadlinesWork) -> None:
    """The contact is a team's: its clocks and breaches are shown as that team's."""
    note(event, work, facts.assigned(event.contact_id, event.data))


async def note_check(event: Event[ChecksRequested], work: DeadlinesWork) -> None:
    """An agency was asked: a clock for this request."""
    note(event, work, facts.asked(event.contact_id, event.data))


async def note_check_answer(event: Event[CheckAnswered], work: DeadlinesWork) -> None:
    """An agency has answered, or need not any more: by the pack its clock is met or cancelled."""
    note(event, work, facts.answered(event.contact_id, event.data))


async def note_discussion(event: Event[DiscussionHeld], work: DeadlinesWork) -> None:
    """A discussion was held about some of the subjects."""
    note(event, work, *facts.held(event.contact_id, event.data), subject_ids=event.data.subject_ids)


async def note_decision(event: Event[DecisionMade], work: DeadlinesWork) -> None:
    """A subject was decided, or decided anew: its decision clocks are met, those after hand-over follow the newest."""
    note(event, work, facts.decided(event.contact_id, event.data), subject_ids=[event.data.subject.subject_id])


async def note_challenge_answer(event: Event[ChallengeAnswered], work: DeadlinesWork) -> None:
    """A challenge was answered."""
    note(event, work, facts.challenge_answered(event.contact_id, event.data))


async def note_milestone(event: Event[MilestoneRecorded], work: DeadlinesWork) -> None:
    """A milestone was reached: it stops what waited for it and may start the next clock."""
    note(event, work, facts.reached(event.contact_id, event.data), subject_ids=[event.data.subject_id])


async def note_closure(event: Event[ContactClosed], work: DeadlinesWork) -> None:
    """The contact was closed: the pack says which clocks that cancels."""
    note(event, work, facts.closed(event.contact_id, event.data.closed_at, event.data.reason_code))


async def note_reopening(event: Event[ContactReopened], work: DeadlinesWork) -> None:
    """What was closed is with staff again: the pack says which clock runs on it."""
    note(event, work, facts.reopened(event.contact_id, event.data))


async def note_telling(event: Event[ReferrerAcknowledged] | Event[ReferrerInformed], work: DeadlinesWork) -> None:
    """The referrer was acknowledged or informed, with proof."""
    contact = work.contacts.get(event.contact_id)
    contact.reference = contact.reference or event.data.reference
    contact.remember([facts.told(event.contact_id, event.data)])
    settle(work, contact, Cause.of(event))


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
    settle(work, contact, parked.cause, suffix="|parked", past_calendar_skipped=True)


def note(
    event: Event[Any], work: DeadlinesWork, *happened: Occurrence, subject_ids: Iterable[UUID] = (), owner: bool = False
) -> None:
    """Keeps what an event says of a contact, its receipt included, and brings the clocks to it."""
    contact = work.contacts.get(event.contact_id)
    contact.take_receipt(facts.receipt_of(event.data.contact, by_owner=owner), subject_ids)
    contact.void_replayed(event.id, work.now)
    contact.remember(happened)
    settle(work, contact, Cause.of(event))


def settle(
    work: DeadlinesWork, contact: Contact, cause: Cause, *, suffix: str = "", past_calendar_skipped: bool = False
) -> None:
    """Brings the contact's clocks to what is known, and says what changed."""
    rulebook = work.rulebooks.of(contact.policy)
    changes = contact.settle(rulebook, work.now, cause.correlation_id, past_calendar_skipped=past_calendar_skipped)
    announce_changes(work, contact, changes, cause, suffix=suffix)
