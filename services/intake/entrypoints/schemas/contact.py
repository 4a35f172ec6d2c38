"""A contact as partners send it, and what they add to it. Both are read leniently (see reading.py): nobody is turned
away over form.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from .examples import EXAMPLE, FAMILY, INFORMATION
from .parts import (
    Address,
    Answers,
    Code,
    ConsentIn,
    Day,
    DisabilityIn,
    Knowledge,
    LongText,
    Moment,
    PersonIn,
    Position,
    ReferrerIn,
    RelationIn,
    Text,
)


class SubjectIn(Answers):
    """The person the worry is about: any of it may be unknown."""

    kind: Literal["child", "unborn", "adult", "unknown"] | None = None
    given_name: Text | None = None
    family_name: Text | None = None
    known_as: Text | None = None
    birth_date: Day | None = None
    expected_date: Day | None = Field(default=None, description="For an unborn child.")
    estimated_age_years: Annotated[int, Field(ge=0, le=120)] | None = None
    sex: Literal["F", "M", "U", "X"] | None = None
    ethnicity: Text | None = Field(default=None, description="The school census's code, or your own words.")
    language: Text | None = None
    interpreter: Knowledge | None = None
    disability: DisabilityIn | None = None
    address: Address | None = None
    phone: Text | None = None
    nhs_number: Text | None = None
    upn: Text | None = None
    school: Text | None = None
    household: Text | None = None
    relationships: list[RelationIn] = Field(default=[])
    consent: ConsentIn | None = Field(default=None, description="Where it differs from the contact's.")
    open_case: Knowledge | None = None
    open_case_worker: Text | None = None
    indicators: dict[str, Any] = Field(default={}, description="Indicator code: yes, no or not_known.")


class ToldIn(Answers):
    """What is told at once. Answers given here hold for every subject."""

    sender_reference: Text | None = None
    adults: list[PersonIn] = Field(default=[])
    consent: ConsentIn = ConsentIn()
    narrative: LongText | None = None
    help_tried: LongText | None = None
    attachments: list[Text] = Field(default=[], description="References only: never the thing itself.")


class ContactIn(ToldIn):
    """A worry about somebody. Send what you know; nobody is turned away over form: what is not understood, unknown
    members included, is kept as sent, with a warning, and a person looks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE, FAMILY]})

    sender_grade: Literal["red", "amber", "green", "blue", "high", "medium", "standard", "low"] | None = Field(
        default=None, description="Your own grade, kept beside ours."
    )
    channel: Literal["api", "phone", "email", "form", "post", "in_person"] = "api"
    on_behalf_of: Code | None = Field(default=None, description="Staff only: the organisation whose call this was.")
    follows: Text | None = Field(default=None, description="Our reference of the contact this belongs to.")
    incident_at: Moment | None = None
    incident_address: Address | None = None
    first_attempted_at: Moment | None = Field(default=None, description="When you first tried to send this.")
    referrer: ReferrerIn = ReferrerIn()
    subjects: list[SubjectIn] = Field(default=[])


class SubjectAddedIn(SubjectIn):
    """More about a subject, named by ``subject_id`` or ``position``; without either, somebody not named before."""

    subject_id: UUID | None = None
    position: Position | None = None


class InformationIn(ToldIn):
    """More about a contact. Later answers win; "not known" overrides nothing. Read as leniently as a contact."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [INFORMATION]})

    answers_request: UUID | None = Field(default=None, description="The request on the timeline that this answers.")
    from_referrer: bool = Field(default=False, description="Staff only: the referrer told you this.")
    subjects: list[SubjectAddedIn] = Field(default=[])


def open_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON schema with nothing referred to elsewhere, so that it stands in the API document as it is, and
    open for members it does not name: they are kept.
    """
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def whole(node: Any) -> Any:
        if isinstance(node, list):
            return [whole(one) for one in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        found = parts[reference.rpartition("/")[2]] if reference else node
        inlined = {name: value if name == "examples" else whole(value) for name, value in found.items()}
        return {**inlined, "additionalProperties": True} if "properties" in inlined else inlined

    return whole(schema)


def contact_schema() -> dict[str, Any]:
    """The contact's schema. Somebody must be able to act on it: whom it is about, or what the worry is."""
    return open_schema(ContactIn)
