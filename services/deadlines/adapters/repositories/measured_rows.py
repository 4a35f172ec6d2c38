"""Rows of ``measured_subjects`` and tallies, both ways. Nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from services.deadlines.domain.model.tally import Decided, Sender, Tallied, Tally
from services.deadlines.domain.policy.counting import Counted

Row = dict[str, Any]

_TALLIED = ("told", "position", "kind", "age_years", "rating_version", "rating")
_DECIDED = ("version", "outcome", "referral", "level", "elsewhere")
_COUNTED = Counted.__slots__
_LISTS = ("stepped_up_months", "enquiry_months", "plan_months", "reasons")


def row_id(contact_id: UUID, subject_id: UUID) -> UUID:
    """The row of a subject of a contact, until the contact is erased."""
    return uuid5(contact_id, f"measured|{subject_id}")


def measured_row(tally: Tally, counted: Counted) -> Row:
    """The row of one subject: what was said of it, and what it counts for. A sender is known by then."""
    subject, sender = tally.subjects[counted.subject_id], tally.sender
    assert sender is not None  # noqa: S101 -- nothing is counted of a contact without a sender
    return {
        "id": row_id(tally.contact_id, counted.subject_id),
        "contact_id": tally.contact_id,
        "reference": sender.reference,
        "received_at": sender.received_at,
        "organisation_id": sender.organisation_id,
        "source_code": sender.source_code,
        "by_owner": sender.said,
        "child_id": subject.child_id,
        "said": _said(subject),
        **{name: getattr(counted, name) for name in _COUNTED},
        **{name: list(getattr(counted, name)) for name in (*_LISTS, "months")},
    }


def _said(subject: Tallied) -> Row:
    decisions = sorted(subject.decisions.values(), key=lambda one: one.version)
    return {
        **{name: getattr(subject, name) for name in _TALLIED},
        "level_rated": subject.level,
        "factor": subject.exploited,
        "decisions": [
            {name: getattr(one, name) for name in _DECIDED} | {"at": _text(one.at), "reasons": list(one.reasons)}
            for one in decisions
        ],
        "milestones": sorted([code, _text(at)] for code, at in subject.milestones),
    }


def fill(tally: Tally, row: Mapping[str, Any]) -> None:
    """Puts one row into its contact's tally."""
    said = row["said"]
    tally.sender = Sender(
        reference=row["reference"],
        received_at=row["received_at"],
        source_code=row["source_code"],
        organisation_id=row["organisation_id"],
        said=row["by_owner"],
    )
    tally.subjects[row["subject_id"]] = Tallied(
        subject_id=row["subject_id"],
        child_id=row["child_id"],
        exploited=said["factor"],
        level=said["level_rated"],
        **{name: said[name] for name in _TALLIED},
        decisions={one["version"]: _decided(one) for one in said["decisions"]},
        milestones={(code, datetime.fromisoformat(at)) for code, at in said["milestones"]},
    )


def _decided(one: Mapping[str, Any]) -> Decided:
    return Decided(
        at=datetime.fromisoformat(one["at"]),
        reasons=tuple(one["reasons"]),
        **{name: one[name] for name in _DECIDED},
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
