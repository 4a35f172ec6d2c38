"""A contact as intake keeps it: what was told, by whom, when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something about the form of what was sent that a person should know; it never echoes what was sent."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person the worry is about, with only what the front door computes from; names stay in the sealed body."""

    subject_id: UUID
    position: int
    kind: str
    birth_date: date | None = None
    expected_date: date | None = None
    estimated_age_years: int | None = None
    nhs_number: str | None = None
    """Only where its check digit holds."""
    facts: dict[str, str | int] = field(default_factory=dict[str, "str | int"])
    indicators: dict[str, str] = field(default_factory=dict[str, str])
    unrecognised: dict[str, int] = field(default_factory=dict[str, int])
    consent: str = "not_known"
    open_case: str = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrer:
    """Who told us, as far as it decides anything; the address is in the sealed body."""

    kind: str
    source_code: str
    has_address: bool
    has_mobile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTold:
    """A contact as read from a request: every value either understood or set aside with a warning."""

    referrer: Referrer
    subjects: tuple[Subject, ...]
    channel: str
    incident_at: datetime | None
    first_attempted_at: datetime | None
    sender_grade: str | None
    on_behalf_of: str | None
    follows: str | None
    warnings: tuple[Told, ...]
    facts: dict[str, str | int] = field(default_factory=dict[str, "str | int"])
    """What was said of every subject; it is in each subject's own facts already."""
    consent: str = "not_known"
    """What was said of every subject's consent."""
    sender_reference: str | None = None


def credible(told: ContactTold, accepted_at: datetime) -> ContactTold:
    """The contact without an incident that has not happened yet: a slip of the pen would make children older, and with
    that their ratings lower. It is set aside with a warning, and a person looks.
    """
    if told.incident_at is None or told.incident_at <= accepted_at:
        return told
    first, *others = told.subjects
    unrecognised = {**first.unrecognised, "incident_at": 1}
    warning = Told(
        pointer="/incident_at", code="in_the_future", detail="Not yet; kept as sent, ages are those of today."
    )
    return replace(
        told,
        incident_at=None,
        subjects=(replace(first, unrecognised=unrecognised), *others),
        warnings=(*told.warnings, warning),
    )
