"""A contact and its subjects as they were told to the front door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from shared.policy.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What is repeated with every event about a contact; clocks start at ``received_at``."""

    reference: str
    received_at: datetime
    accepted_at: datetime
    referrer_kind: str
    source_code: str
    organisation_id: str | None
    has_address: bool
    incident_at: datetime | None = None
    channel: str = "unknown"
    sender_grade: str | None = None
    """The sender's own rating, kept beside ours and never merged with it."""


@dataclass(frozen=True, slots=True)
class Age:
    """At the incident: weeks, months, years, or weeks to the expected date; ``value`` is None when not known."""

    unit: str
    value: int | None
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSubject:
    """One subject as the referrer told of them; ``facts`` is None where what was told could not be read."""

    subject_id: UUID
    position: int
    kind: str
    child_id: str | None
    age: Age
    facts: Facts | None


def somebody(contact_id: UUID, facts: Facts | None, *, at_position: int) -> ToldSubject:
    """Whoever a worry is about that names nobody, or whom what was told did not say."""
    return ToldSubject(
        subject_id=uuid5(contact_id, "somebody"),
        position=at_position,
        kind="unknown",
        child_id=None,
        age=Age("unknown", None, estimated=False),
        facts=facts,
    )
