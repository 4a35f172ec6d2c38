"""A case and its parts as database rows, and back. Plain translation, nothing decided here but the queue's order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.triage.domain.model import (
    Case,
    Contact,
    Stage,
    Subject,
)
from shared.policy.facts import facts_from, plain

from .documents import (
    age_document,
    age_from,
    history_document,
    history_from,
    lowering_document,
    lowering_from,
    rating_document,
    rating_from,
)

LOOK_FIRST, NO_CLOCK_YET, CLOCK = 0, 1, 2
"""Tiers of the queue: what nobody could rate or what asks for attention, by rank; then what has no clock yet by rank,
then by the next clock.
"""
AS_STANDING = "as standing"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SAME = (
    "reference",
    "version",
    "entries",
    "rating",
    "rank",
    "pages",
    "unrated",
    "rating_version",
    "rated_at",
    "opened_at",
    "opened_by",
    "closed_at",
    "closed_reason",
    "next_due_at",
    "breached",
    "acknowledged_at",
    "informing_awaited",
)
_OF_CONTACT = (
    "received_at",
    "accepted_at",
    "incident_at",
    "referrer_kind",
    "source_code",
    "organisation_id",
    "has_address",
    "channel",
    "sender_grade",
)


def case_row(case: Case) -> dict[str, Any]:
    """The row of ``cases``."""
    contact = case.contact
    tier, rank, at = _place_in_queue(case)
    return {
        "contact_id": case.contact_id,
        "stage": case.stage.value,
        **{name: getattr(case, name) for name in _SAME},
        **{name: getattr(contact, name) if contact is not None else None for name in _OF_CONTACT},
        "policy": case.policy,
        "clocks": {str(one): (kind, due_at.isoformat()) for one, (kind, due_at) in case.clocks.items()},
        "team": case.assigned.team if case.assigned else None,
        "worker": case.assigned.worker if case.assigned else None,
        "clocks_heard": sorted(case.clocks_heard),
        "clocks_awaited": sorted(case.clocks_awaited),
        "told": {str(subject_id): version for subject_id, version in case.told.items()},
        "undelivered": {str(message_id): purpose for message_id, purpose in case.undelivered.items()},
        "attention": sorted(case.attention),
        "queue_tier": tier,
        "queue_rank": rank,
        "queue_at": at,
    }


def _place_in_queue(case: Case) -> tuple[int, int, datetime]:
    received = case.contact.received_at if case.contact is not None else _LONG_AGO
    if case.unrated or case.attention:
        return LOOK_FIRST, -case.rank, received
    if case.next_due_at is None:
        return NO_CLOCK_YET, -case.rank, received
    return CLOCK, 0, case.next_due_at


def case_from(row: Any) -> Case:
    """The case that case_row wrote, without its parts."""
    contact = None
    if row.received_at is not None:
        contact = Contact(reference=row.reference, **values(row, _OF_CONTACT))
    policy = document(row.policy)
    return Case(
        contact_id=row.contact_id,
        contact=contact,
        stage=Stage(row.stage),
        **values(row, _SAME),
        policy=(policy[0], policy[1], policy[2]) if policy else None,
        clocks={UUID(one): (kind, datetime.fromisoformat(at)) for one, (kind, at) in document(row.clocks).items()},
        clocks_heard=set(row.clocks_heard),
        clocks_awaited=set(row.clocks_awaited),
        told={UUID(subject_id): version for subject_id, version in document(row.told).items()},
        undelivered={UUID(message_id): purpose for message_id, purpose in document(row.undelivered).items()},
        attention=set(row.attention),
    )


def values(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """These columns of a row, by name."""
    return {name: getattr(row, name) for name in names}


def lists(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """These array columns of a row, by name."""
    return {name: tuple(getattr(row, name)) for name in names}


def document(kept: Any) -> Any:
    """A JSON column's content: statements written as text bring it as text."""
    return json.loads(kept) if isinstance(kept, str) else kept


def subject_row(contact_id: UUID, subject: Subject) -> dict[str, Any]:
    """The row of ``subjects``."""
    return {
        "contact_id": contact_id,
        "subject_id": subject.subject_id,
        "position": subject.position,
        "kind": subject.kind,
        "child_id": subject.child_id,
        "age": age_document(subject.age),
        "facts": plain(subject.facts) if subject.facts is not None else None,
        "standing": rating_document(subject.standing),
        "machine": _machine_document(subject),
        "rated_by": subject.rated_by,
        "lowering": lowering_document(subject.lowering),
        "placeholder": subject.placeholder,
        "history": history_document(subject.history),
    }


def _machine_document(subject: Subject) -> dict[str, object] | str | None:
    """Mostly nobody has changed what the machine said: then it is not written twice."""
    if subject.machine is None:
        return None
    return AS_STANDING if subject.machine == subject.standing else rating_document(subject.machine)


def subject_from(row: Any) -> Subject:
    """The subject that subject_row wrote."""
    facts, machine, standing = document(row.facts), json.loads(row.machine or "null"), document(row.standing)
    in_force = rating_from(standing)
    return Subject(
        subject_id=row.subject_id,
        position=row.position,
        kind=row.kind,
        child_id=row.child_id,
        age=age_from(document(row.age)),
        facts=facts_from(facts) if facts is not None else None,
        standing=in_force,
        machine=in_force if machine == AS_STANDING else rating_from(machine) if machine is not None else None,
        rated_by=row.rated_by,
        lowering=lowering_from(document(row.lowering)),
        placeholder=row.placeholder,
        history=history_from(document(row.history)),
        changed=False,
    )
