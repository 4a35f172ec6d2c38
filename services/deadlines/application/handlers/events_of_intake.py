"""One function an event of intake's: keep what it says, then bring the contact's clocks to what is known."""

from __future__ import annotations

from services.deadlines.application.handlers import facts_of_intake as facts
from services.deadlines.application.handlers.events import INTAKE, note
from services.deadlines.application.ports import DeadlinesWork
from shared.contracts.envelope import Event
from shared.contracts.intake import (
    ContactReceived,
    ContactRestated,
    ContactsLinked,
    ContactsUnlinked,
    DecisionChallenged,
    HistoryFound,
    InformationAdded,
    WithdrawalRequested,
)


async def start_receipt_clocks(event: Event[ContactReceived], work: DeadlinesWork) -> None:
    """A contact was received: the clocks that run for every contact start at first receipt."""
    work.contacts.get(event.contact_id).void_parked(INTAKE, work.now)
    note(event, work, subject_ids=[one.subject_id for one in event.data.subjects], owner=True)


async def take_restated_contact(event: Event[ContactRestated], work: DeadlinesWork) -> None:
    """The contact's full state said anew: whatever of it was never heard is taken up."""
    contact = work.contacts.get(event.contact_id)
    contact.void_parked(INTAKE, work.now)
    happened = facts.restated(event.contact_id, event.data, contact.occurrences.values(), event.time)
    note(event, work, *happened, subject_ids=[one.subject_id for one in event.data.subjects], owner=True)


async def note_information(event: Event[InformationAdded], work: DeadlinesWork) -> None:
    """More is known: a subject who is new has the clocks of one who was named at first. It stops nothing."""
    note(event, work, subject_ids=[one.subject_id for one in event.data.subjects], owner=True)


async def note_nothing(event: Event[HistoryFound] | Event[WithdrawalRequested], work: DeadlinesWork) -> None:
    """History and a withdrawal are information: neither starts nor stops a clock."""
    note(event, work, owner=True)


async def note_challenge(event: Event[DecisionChallenged], work: DeadlinesWork) -> None:
    """The referrer disagrees: a clock for this challenge."""
    note(event, work, facts.challenged(event.contact_id, event.data), owner=True)


async def note_link(event: Event[ContactsLinked], work: DeadlinesWork) -> None:
    """Two contacts belong together: a duplicate's decision clocks end, a primary counts from the earlier receipt."""
    note(event, work, *facts.linked(event.contact_id, event.data), owner=True)


async def note_unlinking(event: Event[ContactsUnlinked], work: DeadlinesWork) -> None:
    """They do not belong together: the duplicate is watched again."""
    note(event, work, facts.unlinked(event.contact_id, event.data.link_id, event.data.unlinked_at), owner=True)
