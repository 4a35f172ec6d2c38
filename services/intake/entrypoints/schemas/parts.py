"""What a contact is made of: answers, people, consent. What does not fit is set aside with a warning (reading.py)."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from shared.web import AtUtc

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _written_out(value: object) -> object:
    """Only RFC 3339: a number would be read as seconds since 1970, and a child be born in that year."""
    if isinstance(value, str) and _DATE.match(value):
        return value
    raise ValueError


Day = Annotated[date, BeforeValidator(_written_out)]
Moment = Annotated[AtUtc, BeforeValidator(_written_out)]
Text = Annotated[str, Field(max_length=1000)]
LongText = Annotated[str, Field(max_length=100_000)]
Code = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
SOURCE_CODES = (
    "1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C", "5D", "6", "7", "8",
    "9", "10",
)  # fmt: skip
"""Referral source, as the children in need census codes it (DfE)."""

Knowledge = Literal["yes", "no", "not_known"]
Position = Annotated[int, Field(ge=1, le=100)]
Relation = Literal[
    "mother", "father", "parent", "step_parent", "adoptive_parent", "foster_carer", "carer", "guardian", "grandparent",
    "sibling", "half_sibling", "step_sibling", "aunt_or_uncle", "cousin", "partner_of_parent", "spouse_or_partner",
    "former_partner", "child", "other_relative", "not_related",
]  # fmt: skip
"""What the other is to the subject."""
Disability = Literal[
    "NONE", "MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS", "BEH", "CON", "AUT", "DDA"
]  # fmt: skip
"""The children in need census's codes of disability (DfE)."""


_KNOWLEDGE: dict[str, Any] = {"enum": ["yes", "no", "not_known"]}
_YES_OR_NO: dict[str, Any] = {"type": "boolean"}
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}

# Answers are read leniently: what is not one of these is kept, with a warning, and a person looks.
YesNo = Annotated[Any, WithJsonSchema({"anyOf": [_KNOWLEDGE, _YES_OR_NO]})]
Injuries = Annotated[Any, WithJsonSchema({"anyOf": [_KNOWLEDGE, _YES_OR_NO, _TEXTS]})]
ExploitationScore = Annotated[Any, WithJsonSchema({"enum": ["none", "low", "medium", "high", "not_known"]})]
DomesticAbuseRisk = Annotated[Any, WithJsonSchema({"enum": ["standard", "medium", "high", "not_known"]})]
Episodes = Annotated[Any, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 1000})]
Hours = Annotated[Any, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 100_000})]
NAMED_FACTS = {
    "immediate_danger": "immediate_danger",
    "abuse_suspected": "abuse_suspected",
    "injuries": "injury",
    "exploitation_score": "exploitation_score",
    "missing_episodes": "missing_episodes_90_days",
    "missing_hours": "missing_hours",
    "domestic_abuse_risk": "domestic_abuse_risk",
}
"""Members that are another way to answer a fact, and which."""


class Lenient(BaseModel):
    """Part of a contact. What does not fit is set aside with a warning; the body is kept whole, encrypted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answers(Lenient):
    """Answers that rate, as named members or under ``facts``; where both are given, the graver holds."""

    facts: dict[str, Any] = Field(default={}, description="Answered facts, by the names at GET /v1/code-sets.")
    immediate_danger: YesNo = None
    abuse_suspected: YesNo = None
    injuries: Injuries = Field(default=None, description="Yes, no, not_known; or a list that describes them.")
    exploitation_score: ExploitationScore = None
    missing_episodes: Episodes = Field(default=None, description="Episodes of going missing in 90 days.")
    missing_hours: Hours = Field(default=None, description="How long they have been missing.")
    domestic_abuse_risk: DomesticAbuseRisk = None


class Address(Lenient):
    """Where somebody lives, or something happened."""

    lines: list[Text] = []
    postcode: Text | None = None


class ReferrerIn(Lenient):
    """Who tells us."""

    kind: Literal["involved_professional", "professional", "family", "public", "anonymous"] | None = None
    involved: Knowledge | None = Field(default=None, description="Does this professional work with the family?")
    source_code: Text | None = Field(
        default=None, description="Referral source of the children in need census, 1A to 10."
    )
    name: Text | None = None
    role: Text | None = None
    organisation: Text | None = None
    relationship: Text | None = Field(default=None, description="To the subjects, where it is family.")
    address: Address | None = None
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+$")] | None = None
    phone: Text | None = None


class PersonIn(Lenient):
    """An adult of the household, or a relation."""

    given_name: Text | None = None
    family_name: Text | None = None
    known_as: Text | None = None
    birth_date: Day | None = None
    sex: Literal["F", "M", "U", "X"] | None = None
    relationship: Text | None = Field(default=None, description="In your own words.")
    relationship_code: Relation | None = Field(default=None, description="What this person is to the subject.")
    parental_responsibility: Knowledge | None = None
    household: Text | None = Field(default=None, description="The same label as whoever lives at the same address.")
    address: Address | None = None
    phone: Text | None = None
    nhs_number: Text | None = None
    ethnicity: Text | None = None
    language: Text | None = None


class RelationIn(PersonIn):
    """What somebody is to this subject: a subject or adult of this contact by position, or a person named here."""

    to_subject: Position | None = None
    to_adult: Position | None = None


class ConsentIn(Lenient):
    """Consent to share, by an adult with parental responsibility. Not sought, because that is riskier: say why."""

    state: Literal["given", "refused", "not_sought", "not_applicable"] | None = None
    by: Text | None = None
    at: Moment | None = None
    why: Text | None = None


class DisabilityIn(Lenient):
    """Codes of the children in need census, and the band of need where it was assessed."""

    codes: list[Disability] = []
    band: Annotated[int, Field(ge=1, le=4)] | None = None
    needs: Text | None = None
