"""A contact as partners send it. It is read leniently (see reading.py): nobody is turned away over form."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _written_out(value: object) -> object:
    """Only RFC 3339: a number would be read as seconds since 1970, and a child be born in that year."""
    if isinstance(value, str) and _DATE.match(value):
        return value
    raise ValueError


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError from None


Day = Annotated[date, BeforeValidator(_written_out)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
Text = Annotated[str, Field(max_length=1000)]
LongText = Annotated[str, Field(max_length=100_000)]
Code = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
SOURCE_CODES = (
    "1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C", "5D", "6", "7", "8",
    "9", "10",
)  # fmt: skip
"""Referral source, as the children in need census codes it (DfE)."""

EXAMPLE: dict[str, Any] = {
    "sender_reference": "HV-2026-118",
    "channel": "api",
    "incident_at": "2026-11-20T09:30:00Z",
    "referrer": {
        "kind": "involved_professional",
        "source_code": "3B",
        "name": "Priya Example",
        "role": "Health visitor",
        "email": "priya@example.org",
    },
    "subjects": [
        {
            "kind": "child",
            "given_name": "Rowan",
            "family_name": "Sample",
            "birth_date": "2026-09-05",
            "sex": "F",
            "facts": {"bruise_or_mark": "yes", "independently_mobile": "no"},
            "indicators": {"L4-BAS-BRUISE-NM": "yes"},
        }
    ],
    "consent": {"state": "not_sought", "why": "asking first could raise the risk"},
    "narrative": "A small round bruise on the left cheek, seen at the eight-week visit.",
}


class Lenient(BaseModel):
    """Part of a contact. What does not fit is set aside with a warning; the body is kept whole, encrypted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Address(Lenient):
    """Where somebody lives."""

    lines: list[Text] = []
    postcode: Text | None = None


class ReferrerIn(Lenient):
    """Who tells us."""

    kind: Literal["involved_professional", "professional", "family", "public", "anonymous"] | None = None
    source_code: Text | None = Field(
        default=None, description="Referral source of the children in need census, 1A to 10."
    )
    name: Text | None = None
    role: Text | None = None
    organisation: Text | None = None
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+$")] | None = None
    phone: Text | None = None


class PersonIn(Lenient):
    """An adult of the household, or a relation."""

    given_name: Text | None = None
    family_name: Text | None = None
    birth_date: Day | None = None
    relationship: Text | None = None
    address: Address | None = None
    phone: Text | None = None
    parental_responsibility: Literal["yes", "no", "not_known"] | None = None


class SubjectIn(Lenient):
    """The person the worry is about: any of it may be unknown."""

    kind: Literal["child", "unborn", "adult", "unknown"] | None = None
    given_name: Text | None = None
    family_name: Text | None = None
    birth_date: Day | None = None
    expected_date: Day | None = Field(default=None, description="For an unborn child.")
    estimated_age_years: Annotated[int, Field(ge=0, le=120)] | None = None
    sex: Literal["F", "M", "U", "X"] | None = None
    ethnicity: Text | None = None
    address: Address | None = None
    nhs_number: Text | None = None
    upn: Text | None = None
    school: Text | None = None
    household: Text | None = None
    relationships: list[PersonIn] = []
    open_case: Literal["yes", "no", "not_known"] | None = None
    open_case_worker: Text | None = None
    facts: dict[str, Any] = Field(default={}, description="Answered facts, by the names at GET /v1/code-sets.")
    indicators: dict[str, Any] = Field(default={}, description="Indicator code: yes, no or not_known.")


class ConsentIn(Lenient):
    """Consent to share, by an adult with parental responsibility."""

    state: Literal["given", "refused", "not_sought", "not_applicable"] | None = None
    by: Text | None = None
    at: Moment | None = None
    why: Text | None = None


class ContactIn(Lenient):
    """A worry about somebody. Send what you know; nobody is turned away over form."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    sender_reference: Text | None = None
    sender_grade: Literal["red", "amber", "green", "blue", "high", "medium", "standard", "low"] | None = Field(
        default=None, description="Your own grade, kept beside ours."
    )
    channel: Literal["api", "phone", "email", "form", "post", "in_person"] = "api"
    on_behalf_of: Code | None = Field(default=None, description="Staff only: the organisation whose call this was.")
    follows: Text | None = Field(default=None, description="Our reference of the contact this belongs to.")
    incident_at: Moment | None = None
    first_attempted_at: Moment | None = Field(default=None, description="When you first tried to send this.")
    referrer: ReferrerIn = ReferrerIn()
    subjects: list[SubjectIn] = []
    adults: list[PersonIn] = []
    facts: dict[str, Any] = Field(default={}, description="Answered facts that hold for every subject.")
    consent: ConsentIn = ConsentIn()
    narrative: LongText | None = None
    help_tried: LongText | None = None
    attachments: list[Text] = Field(default=[], description="References only.")


def contact_schema() -> dict[str, Any]:
    """The contact's JSON schema with nothing referred to elsewhere: it stands in the API document as it is."""
    schema = ContactIn.model_json_schema()
    parts = schema.pop("$defs")

    def whole(node: Any) -> Any:
        if isinstance(node, dict):
            reference = node.get("$ref")
            found = parts[reference.rpartition("/")[2]] if reference else node
            return {name: whole(value) for name, value in found.items()}
        return [whole(one) for one in node] if isinstance(node, list) else node

    return whole(schema)
