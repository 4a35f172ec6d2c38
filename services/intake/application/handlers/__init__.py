"""What intake does with what it hears: keep what the referrer may know.

Each thing that happened is one entry, under an id that follows from the thing itself: a restatement tells it again
without a second entry.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from services.intake.application.ports import IntakeWork
from services.intake.domain.model.stages import Move, Shown
from shared.contracts.envelope import Event
from shared.contracts.notify import ReferrerAcknowledged, ReferrerInformed
from shared.contracts.triage import (
    CaseRestated,
    ChallengeAnswered,
    ChecksRequested,
    ContactClosed,
    ContactOpened,
    ContactRated,
    ContactReopened,
    DecisionMade,
    InformationRequested,
)
from shared.messaging.parking import ParkedEvent

from .history import keep_closure, keep_decision, keep_rating, keep_reopening, keep_restatement


async def note_rating(event: Event[ContactRated], work: IntakeWork) -> None:
    """Triage has heard of the contact: our announcement needs no repeating. The rating itself is not the partner's."""
    work.contacts.rated(event.contact_id, event.time)
    keep_rating(event, work)


async def note_opening(event: Event[ContactOpened], work: IntakeWork) -> None:
    """Somebody is looking at the contact."""
    _opened(work, event.contact_id, event.data.opened_at)


async def note_request(event: Event[InformationRequested], work: IntakeWork) -> None:
    """The referrer is asked for more."""
    _asked(work, event.contact_id, event.data)


async def note_checks(event: Event[ChecksRequested], work: IntakeWork) -> None:
    """Agencies are being asked: said once, whichever and however many they are."""
    _checking(work, event.contact_id, event.data.requested_at)


async def note_decision(event: Event[DecisionMade], work: IntakeWork) -> None:
    """A subject is decided, or decided anew; the contact is when the last one is."""
    keep_decision(event, work)
    _decided(work, event.contact_id, event.data, last=event.data.undecided == 0)


async def note_answer(event: Event[ChallengeAnswered], work: IntakeWork) -> None:
    """A challenge is answered; what the answer is, notify tells."""
    _answered(work, event.contact_id, event.data)


async def note_closure(event: Event[ContactClosed], work: IntakeWork) -> None:
    """The front door's work is done."""
    keep_closure(event, work)
    _closed(work, event.contact_id, event.data.closed_at)


async def note_reopening(event: Event[ContactReopened], work: IntakeWork) -> None:
    """It is with staff again: the stage goes back."""
    keep_reopening(event, work)
    _reopened(work, event.contact_id, event.data.reopened_at)


async def note_restatement(event: Event[CaseRestated], work: IntakeWork) -> None:
    """All of it told anew: what was not heard before is noted now."""
    contact_id, case = event.contact_id, event.data
    work.contacts.rated(contact_id, event.time)
    keep_restatement(event, work)
    if case.reopened is not None:
        _reopened(work, contact_id, case.reopened.reopened_at)
    if case.opened_at is not None:
        _opened(work, contact_id, case.opened_at)
    for request in case.requests:
        _asked(work, contact_id, request)
    for check in case.checks:
        _checking(work, contact_id, check.asked.requested_at)
    for decision in (decisions := [one.decision for one in case.subjects if one.decision is not None]):
        _decided(work, contact_id, decision, last=len(decisions) == len(case.subjects))
    for challenge in case.challenges_answered:
        _answered(work, contact_id, challenge)
    if case.closed_at is not None:
        _closed(work, contact_id, case.closed_at)


async def note_acknowledgement(event: Event[ReferrerAcknowledged], work: IntakeWork) -> None:
    """The referrer has our reference."""
    at = event.data.delivery.at
    work.contacts.heard(event.contact_id, event_id=event.id, what=Shown.ACKNOWLEDGED, at=at)


async def note_informed(event: Event[ReferrerInformed], work: IntakeWork) -> None:
    """The referrer has been told of the decision."""
    move = Move.INFORM if event.data.complete else None
    at = event.data.delivery.at
    work.contacts.heard(event.contact_id, event_id=event.id, what=Shown.INFORMED, at=at, move=move)


async def note_parked(parked: ParkedEvent, work: IntakeWork) -> None:
    """Something another service said could not be applied: only what a partner sees is behind, so nothing is said."""
    del parked, work


def _opened(work: IntakeWork, contact_id: UUID, at: datetime) -> None:
    entry = _entry(contact_id, Shown.OPENED, at)
    work.contacts.heard(contact_id, event_id=entry, what=Shown.OPENED, at=at, move=Move.OPEN)


def _asked(work: IntakeWork, contact_id: UUID, request: InformationRequested) -> None:
    work.contacts.heard(
        contact_id,
        event_id=_entry(contact_id, Shown.INFORMATION_REQUESTED, request.request_id),
        what=Shown.INFORMATION_REQUESTED,
        at=request.requested_at,
        about=request.request_id,
        codes=request.question_codes,
    )


def _checking(work: IntakeWork, contact_id: UUID, at: datetime) -> None:
    entry = _entry(contact_id, Shown.CHECKS_UNDER_WAY)
    work.contacts.heard(contact_id, event_id=entry, what=Shown.CHECKS_UNDER_WAY, at=at)


def _decided(work: IntakeWork, contact_id: UUID, decision: DecisionMade, *, last: bool) -> None:
    work.contacts.heard(
        contact_id,
        event_id=_entry(contact_id, Shown.DECIDED, decision.subject.subject_id, decision.decision_version),
        what=Shown.DECIDED,
        at=decision.decided_at,
        move=Move.DECIDE if last else None,
    )


def _answered(work: IntakeWork, contact_id: UUID, answer: ChallengeAnswered) -> None:
    work.contacts.heard(
        contact_id,
        event_id=_entry(contact_id, Shown.CHALLENGE_ANSWERED, answer.challenge_id),
        what=Shown.CHALLENGE_ANSWERED,
        at=answer.answered_at,
        about=answer.challenge_id,
    )


def _closed(work: IntakeWork, contact_id: UUID, at: datetime) -> None:
    entry = _entry(contact_id, Shown.CLOSED, at)
    work.contacts.heard(contact_id, event_id=entry, what=Shown.CLOSED, at=at, move=Move.CLOSE)


def _reopened(work: IntakeWork, contact_id: UUID, at: datetime) -> None:
    entry = _entry(contact_id, Shown.REOPENED, at)
    work.contacts.heard(contact_id, event_id=entry, what=Shown.REOPENED, at=at, move=Move.REOPEN)


def _entry(contact_id: UUID, *what: object) -> UUID:
    return uuid5(contact_id, "|".join(str(part) for part in what))
