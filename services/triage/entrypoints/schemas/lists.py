"""The queue and a case's history, as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict

from .parts import View as _View
from .views import AgeView

_CONTACT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1a01"
_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"
_QUEUED: dict[str, Any] = {
    "contact_id": _CONTACT,
    "reference": "MASH-26-00017-K",
    "stage": "rated",
    "version": 1,
    "rating": "red",
    "unrated": False,
    "pages": True,
    "received_at": "2026-11-22T09:12:00Z",
    "next_due_at": "2026-11-22T11:12:00Z",
    "clocks": [{"kind": "priority_discussion", "due_at": "2026-11-22T11:12:00Z"}],
    "breached": 0,
    "checks_open": 2,
    "checks_late": 0,
    "team": "mash",
    "worker": None,
    "sender_grade": "amber",
    "attention": [],
    "duplicate_of": None,
    "subjects": [
        {
            "position": 1,
            "kind": "child",
            "age": {"unit": "weeks", "value": 6, "estimated": False},
            "rating": "red",
            "route": "red-bruised-baby",
            "proposed_route": None,
            "flags": ["paediatric_view"],
        }
    ],
}


class QueuedSubject(_View):
    """One subject, as the queue shows it."""

    position: int
    kind: str
    age: AgeView
    rating: str
    route: str
    proposed_route: str | None
    flags: list[str]


class WaitingClock(_View):
    """A clock that waits, as deadlines last said; one that was missed waits on."""

    kind: str
    due_at: datetime


class QueuedCase(_View):
    """One contact of the queue. ``sender_grade`` is the sender's own rating, beside ours and never merged with it."""

    contact_id: UUID
    reference: str | None
    stage: str
    version: int
    rating: str | None
    unrated: bool
    pages: bool
    received_at: datetime | None
    next_due_at: datetime | None
    clocks: list[WaitingClock]
    breached: int
    checks_open: int
    checks_late: int
    team: str | None
    worker: str | None
    sender_grade: str | None
    attention: list[str]
    duplicate_of: UUID | None
    subjects: list[QueuedSubject]


class Queue(_View):
    """One page of the queue: unrated or asking for attention first, then without a clock by rank, then by clock."""

    contacts: list[QueuedCase]

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [{"contacts": [_QUEUED]}]})


class EntryView(_View):
    """One line of a case's history."""

    number: int
    at: datetime
    what: str
    by: str | None
    subject_id: UUID | None
    codes: dict[str, Any]
    note: str | None


class History(_View):
    """Everything that was done to a case, oldest first."""

    contact_id: UUID
    entries: list[EntryView]

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "contact_id": _CONTACT,
                    "entries": [
                        {
                            "number": 1,
                            "at": "2026-11-22T09:12:01Z",
                            "what": "rated_told",
                            "by": None,
                            "subject_id": None,
                            "codes": {"version": 1, "rating": "red", "subjects": {_SUBJECT: {"routes": ["red-abuse"]}}},
                            "note": None,
                        }
                    ],
                }
            ]
        },
    )
