"""Pieces that several producers' events share. Ids, codes, times and ages only: never a name, date of birth or text."""

from __future__ import annotations

from uuid import UUID

from .envelope import Moment, OpenEnum, Part


class SubjectKind(OpenEnum):
    """Whom a worry is about."""

    CHILD = "child"
    UNBORN = "unborn"
    ADULT = "adult"
    UNKNOWN = "unknown"
    OTHER = "other"


class ReferrerKind(OpenEnum):
    """Who told us, as far as it decides what they may be told."""

    INVOLVED_PROFESSIONAL = "involved_professional"
    PROFESSIONAL = "professional"
    FAMILY = "family"
    PUBLIC = "public"
    ANONYMOUS = "anonymous"
    OTHER = "other"


class AgeUnit(OpenEnum):
    """The unit an age is said in: weeks under 12 weeks, months under 2 years, then years."""

    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    WEEKS_TO_BIRTH = "weeks_to_birth"
    UNKNOWN = "unknown"
    OTHER = "other"


class Age(Part):
    """An age, or for an unborn child the weeks until the expected date; ``value`` is None when unknown."""

    unit: AgeUnit
    value: int | None = None
    estimated: bool = False


class Referrer(Part):
    """The referrer without anything that identifies a person. ``has_address``: an e-mail address is known;
    ``has_mobile``: a number that takes text messages.
    """

    kind: ReferrerKind
    source_code: str
    organisation_id: str | None = None
    has_address: bool
    has_mobile: bool = False


class PolicyVersion(Part):
    """The policy pack a thought was thought with."""

    id: str
    version: str
    hash: str


class ContactKept(Part):
    """What every event about a contact repeats, so that whichever event comes first can create the row."""

    reference: str
    received_at: Moment
    accepted_at: Moment
    referrer: Referrer


class SubjectRef(Part):
    """One subject of a contact: ``position`` counts from 1 in the order the referrer named them."""

    subject_id: UUID
    position: int
    kind: SubjectKind
