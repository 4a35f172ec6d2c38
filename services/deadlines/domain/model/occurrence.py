"""What is remembered of the events: small facts, kept so that a clock that starts later is stopped at its birth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID, uuid5

Attribute: TypeAlias = str | bool | int | frozenset[str] | None

RATED = "ContactRated"
RECEIVED = "ContactReceived"
DECIDED = "DecisionMade"
OPENED = "ContactOpened"
CLOSED = "ContactClosed"
REOPENED = "ContactReopened"
ASSIGNED = "ContactAssigned"
LINKED = "ContactsLinked"
UNLINKED = "ContactsUnlinked"
PARKED = "Parked"
"""Our own word: an event that could not be read or applied, so that the strictest clocks run until it can."""
RECEIVED_WITH = "ReceivedWith"
"""Our own word: the receipt that a link gives this contact, the earlier of both; ``item_id`` is the link."""

MADE_ELSEWHERE = "made_elsewhere"
"""Attribute of a decision that was made on the contact which this one is a duplicate of: the work is done there."""

VERSIONED = frozenset({RATED, DECIDED})
"""Events of which a later version takes the place of the one before, as far as it starts clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened: an event's short name and what the pack's table may ask about it.

    ``subject_id`` is None where it concerns the whole contact; ``item_id`` is the check, challenge or link it is about;
    ``voided_at`` is when it stopped counting (a parked event that has since been applied).
    """

    id: UUID
    event: str
    subject_id: UUID | None
    item_id: UUID | None = None
    version: int = 1
    occurred_at: datetime
    attributes: Mapping[str, Attribute]
    voided_at: datetime | None = None


def occurrence(
    contact_id: UUID,
    event: str,
    *,
    occurred_at: datetime,
    subject_id: UUID | None = None,
    item_id: UUID | None = None,
    version: int = 1,
    key: str = "",
    attributes: Mapping[str, Attribute] | None = None,
) -> Occurrence:
    """An occurrence whose id follows from what it is, so that hearing of it twice, or restated, keeps it once.

    ``key`` is what tells it from others of its kind beside subject and version: a message's or discussion's id.
    """
    name = f"{event}|{subject_id or ''}|{item_id or ''}|{version}|{key}"
    return Occurrence(
        id=uuid5(contact_id, name),
        event=event,
        subject_id=subject_id,
        item_id=item_id,
        version=version,
        occurred_at=occurred_at,
        attributes=attributes or {},
    )
