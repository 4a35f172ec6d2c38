"""Rows and the domain's objects, both ways. Nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.clock_terms import Escalation, Step, Terms
from services.deadlines.domain.model.contact import Breach, Contact, Receipt
from services.deadlines.domain.model.deadline import Deadline, State
from services.deadlines.domain.model.occurrence import Attribute, Occurrence

Row = dict[str, Any]

_CONTACT = (
    "reference",
    "policy",
    "rating",
    "rating_version",
    "stage",
    "decided_at",
    "informed_at",
    "closed_at",
    "linked_at",
    "team",
)
_TERMS = tuple(name for name in Terms.__slots__ if name not in {"steps", "escalations", "ending"})
_DEADLINE = (
    "contact_id",
    "correlation_id",
    "epoch",
    "warned",
    "escalated",
    "set_at",
    "breached_at",
    "met_at",
    "cancelled_at",
    "reason",
)


def fill(contact: Contact, row: Row) -> None:
    """Puts a row of ``contacts`` into a new contact."""
    for name in _CONTACT:
        setattr(contact, name, row[name])
    contact.subject_ids = [UUID(text) for text in row["subject_ids"]]
    if row["received_at"] is not None:
        contact.receipt = Receipt(**{name: row[name] for name in Receipt.__slots__})


def contact_row(contact: Contact, loaded: Row | None, rulebooks: Rulebooks, now: datetime) -> Row | None:
    """The row of ``contacts``; None where nothing has changed since ``loaded``."""
    receipt = contact.receipt
    kind = receipt.referrer_kind if receipt else None
    informs = loaded["to_be_informed"] if loaded and loaded["referrer_kind"] == kind else None
    row: Row = {
        "contact_id": contact.contact_id,
        "received_at": receipt.received_at if receipt else None,
        "accepted_at": receipt.accepted_at if receipt else None,
        "referrer_kind": kind,
        "has_address": receipt.has_address if receipt else None,
        "organisation_id": receipt.organisation_id if receipt else None,
        "by_owner": receipt.by_owner if receipt else False,
        "subject_ids": [str(subject_id) for subject_id in contact.subject_ids],
        "subjects": len(contact.subject_ids),
        **{name: getattr(contact, name) for name in _CONTACT},
        "to_be_informed": rulebooks.of(contact.policy).tells_outcome_to(kind or "") if informs is None else informs,
        "live_clocks": contact.live_clocks,
        "urgency": contact.urgency,
        "next_due_at": contact.next_due_at,
        "next_fire_at": contact.next_fire_at,
    }
    changed = loaded is None or any(loaded[name] != value for name, value in row.items())
    return row | {"changed_at": now} if changed else None


def occurrence_from(row: Row) -> Occurrence:
    """An occurrence as it was kept."""
    said: dict[str, Attribute] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in row["attributes"].items()
    }
    names = ("id", "event", "subject_id", "item_id", "version", "occurred_at", "voided_at")
    return Occurrence(attributes=said, **{name: row[name] for name in names})


def occurrence_row(contact_id: UUID, one: Occurrence) -> Row:
    """The row of ``occurrences``; a set of words is kept as a list."""
    said = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in one.attributes.items()}
    names = ("id", "event", "subject_id", "item_id", "version", "occurred_at", "voided_at")
    return {"contact_id": contact_id, "attributes": said} | {name: getattr(one, name) for name in names}


def deadline_from(row: Row) -> Deadline:
    """A clock as it was kept. Its ending is not: it follows from the occurrences."""
    steps = tuple(Step(share, datetime.fromisoformat(at)) for share, at in row["steps"])
    after = tuple(Escalation(rung, datetime.fromisoformat(at)) for rung, at in row["escalations"])
    terms = Terms(steps=steps, escalations=after, ending=None, **{name: row[name] for name in _TERMS})
    return Deadline(terms=terms, state=State(row["state"]), **{name: row[name] for name in _DEADLINE})


def deadline_row(deadline: Deadline) -> Row:
    """The row of ``deadlines``."""
    terms = deadline.terms
    steps = [[step.share, step.at.astimezone(UTC).isoformat()] for step in terms.steps]
    after = [[one.rung, one.at.astimezone(UTC).isoformat()] for one in terms.escalations]
    kept = {name: getattr(deadline, name) for name in _DEADLINE}
    return (
        {"state": deadline.state.value, "steps": steps, "escalations": after}
        | {name: getattr(terms, name) for name in _TERMS}
        | kept
    )


def breach_row(contact: Contact, breach: Breach, now: datetime) -> Row:
    """The ledger's entry. How late the contact was before it even arrived stands apart: nobody here could help it."""
    terms, receipt = breach.deadline.terms, contact.receipt
    before = receipt.accepted_at - receipt.received_at if receipt else None
    return {
        "id": uuid5(terms.id, "breach"),
        "deadline_id": terms.id,
        "contact_id": contact.contact_id,
        "subject_id": terms.subject_id,
        "kind": terms.kind,
        "rating": terms.rating,
        "policy": terms.policy,
        "calendar": terms.calendar,
        "epoch": breach.deadline.epoch,
        "starts_at": terms.starts_at,
        "due_at": terms.due_at,
        "found_at": now,
        "late_seconds": breach.late_seconds,
        "late_before_arrival_minutes": int(before.total_seconds() // 60) if before else 0,
        "stage": breach.stage,
        "organisation_id": receipt.organisation_id if receipt else None,
        "owner": contact.team,
        "agency": terms.agency,
    }
