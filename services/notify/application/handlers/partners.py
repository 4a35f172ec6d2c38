"""What partners are told by webhook, beside what a handler does: the entries of their timeline, as they happen.

Each thing that happened has one id, whichever event tells of it: a restatement tells nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.application.commands.partners import About, Entry, tell_partner
from services.notify.application.ports import Work
from services.notify.domain.model.webhook import EventType
from shared.contracts.envelope import Event, EventData
from shared.contracts.intake import ContactReceived
from shared.contracts.parts import ContactKept
from shared.contracts.triage import (
    CaseRestated,
    ChallengeAnswered,
    ChecksRequested,
    ContactClosed,
    ContactOpened,
    ContactReopened,
    DecisionMade,
    InformationRequested,
)

from .common import know
from .parked import Handle


async def note_checks(event: Event[ChecksRequested], work: Work) -> None:
    """Agencies are asked: nobody is written to, but a partner may know that much."""
    know(event, event.data.contact, work)


def telling_partners(handle: Handle) -> Handle:
    """The same handler; what the event tells of the contact's progress is noted for its organisation's webhooks."""

    async def handle_and_tell(event: Event[Any], work: Work) -> None:
        await handle(event, work)
        kept: ContactKept | None = getattr(event.data, "contact", None)
        if kept is None or kept.referrer.organisation_id is None or work.erased(event.contact_id):
            return
        about = About(event.contact_id, kept.reference, event.correlation_id, event.traceparent)
        for entry in _entries(event.data, kept):
            tell_partner(work, entry, about, organisation=kept.referrer.organisation_id)

    return handle_and_tell


def _entries(data: EventData, kept: ContactKept) -> Iterable[Entry]:
    match data:
        case ContactReceived():
            return [Entry(EventType.RECEIVED, kept.accepted_at)]
        case CaseRestated():
            return sorted(_restated(data), key=lambda entry: entry.at)
        case _:
            return _of_one(data)


def _of_one(data: EventData) -> list[Entry]:
    return [entry(data) for kind, entry in _TOLD.items() if isinstance(data, kind)]


def _timed(kind: EventType, at: datetime) -> Entry:
    return Entry(kind, at, at.isoformat())


def _named(kind: EventType, at: datetime, name: str, about: UUID) -> Entry:
    return Entry(kind, at, str(about), {name: str(about)})


_TOLD: Mapping[type[EventData], Callable[[Any], Entry]] = {
    ContactOpened: lambda said: _timed(EventType.OPENED, said.opened_at),
    ChecksRequested: lambda said: Entry(EventType.CHECKS_UNDER_WAY, said.requested_at),
    InformationRequested: lambda said: _named(
        EventType.QUESTION_ASKED, said.requested_at, "request_id", said.request_id
    ),
    DecisionMade: lambda said: Entry(
        EventType.DECIDED, said.decided_at, f"{said.subject.subject_id}|{said.decision_version}"
    ),
    ChallengeAnswered: lambda said: _named(
        EventType.CHALLENGE_ANSWERED, said.answered_at, "challenge_id", said.challenge_id
    ),
    ContactClosed: lambda said: _timed(EventType.CLOSED, said.closed_at),
    ContactReopened: lambda said: _timed(EventType.REOPENED, said.reopened_at),
}
"""What each event tells; a revised decision is one more decision."""


def _restated(case: CaseRestated) -> Iterable[Entry]:
    if case.opened_at is not None:
        yield _timed(EventType.OPENED, case.opened_at)
    told: list[EventData] = [check.asked for check in case.checks]
    told += [standing.decision for standing in case.subjects if standing.decision is not None]
    told += [*case.requests, *case.challenges_answered, *([case.reopened] if case.reopened else [])]
    for each in told:
        yield from _of_one(each)
    if case.closed_at is not None:
        yield _timed(EventType.CLOSED, case.closed_at)
