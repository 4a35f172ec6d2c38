"""What intake does with what it hears: keep what the referrer may know."""

from __future__ import annotations

from services.intake.application.ports import IntakeWork
from shared.contracts.envelope import Event
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed
from shared.contracts.triage import CaseRestated, ContactClosed, ContactOpened, ContactRated, DecisionMade
from shared.messaging.parking import ParkedEvent

from .history import keep_closure, keep_decision, keep_rating, keep_restatement


async def note_rating(event: Event[ContactRated], work: IntakeWork) -> None:
    """Triage has heard of the contact: our announcement needs no repeating. The rating itself is not the partner's."""
    work.contacts.rated(event.contact_id, event.time)
    keep_rating(event, work)


async def note_restatement(event: Event[CaseRestated], work: IntakeWork) -> None:
    """The same, and what else the restated case tells a partner."""
    work.contacts.rated(event.contact_id, event.time)
    keep_restatement(event, work)
    if event.data.opened_at is not None:
        work.contacts.heard(event.contact_id, event_id=event.id, what="opened", at=event.data.opened_at, stage="opened")


async def note_opening(event: Event[ContactOpened], work: IntakeWork) -> None:
    """Somebody is looking at the contact."""
    work.contacts.heard(event.contact_id, event_id=event.id, what="opened", at=event.data.opened_at, stage="opened")


async def note_decision(event: Event[DecisionMade], work: IntakeWork) -> None:
    """A subject is decided; the contact is when the last one is."""
    keep_decision(event, work)
    decided = event.data.undecided == 0
    work.contacts.heard(
        event.contact_id,
        event_id=event.id,
        what="decided" if decided else "partly_decided",
        at=event.data.decided_at,
        stage="decided" if decided else None,
    )


async def note_acknowledgement(event: Event[ReferrerAcknowledged], work: IntakeWork) -> None:
    """The referrer has our reference."""
    work.contacts.heard(event.contact_id, event_id=event.id, what="acknowledged", at=event.data.delivery.at)


async def note_informed(event: Event[ReferrerInformed], work: IntakeWork) -> None:
    """The referrer has been told of the decision."""
    stage = "informed" if event.data.complete else None
    work.contacts.heard(event.contact_id, event_id=event.id, what="informed", at=event.data.delivery.at, stage=stage)


async def note_closure(event: Event[ContactClosed], work: IntakeWork) -> None:
    """The front door's work is done."""
    keep_closure(event, work)
    work.contacts.heard(event.contact_id, event_id=event.id, what="closed", at=event.data.closed_at, stage="closed")


async def note_parked(parked: ParkedEvent, work: IntakeWork) -> None:
    """Something another service said could not be applied: only what a partner sees is behind, so nothing is said."""
    del parked, work
