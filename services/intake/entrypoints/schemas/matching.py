"""Bodies and answers about who is the same child, and which contacts belong together."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.web import Day, Id, StrictBody

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)]
Words = Annotated[str, Field(pattern=r"\S", min_length=1, max_length=20_000)]
Short = Annotated[str, Field(min_length=1, max_length=400)]

_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"
_OTHER = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c02"
_CONTACT = "0d5c9a4e-51b8-4b0a-9a4f-0f8a3f6b7c11"
_FIELDS = Field(examples=[["family_name", "birth_date"]])


class LinkIn(StrictBody):
    """Another contact that belongs to this one. This one is the primary: the work is done here."""

    other_contact_id: Id
    relation: Literal["duplicate", "related"]
    reason_code: Code
    reason: Words
    pairs: dict[Id, Id] | None = Field(
        default=None, description="The other contact's subjects to this one's; left out: worked out from the names."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "other_contact_id": _CONTACT,
                    "relation": "duplicate",
                    "reason_code": "same_incident",
                    "reason": "School and health visitor saw the same bruise on the same day.",
                }
            ]
        }
    )


class UnlinkIn(StrictBody):
    """Why two contacts do not belong together after all."""

    reason_code: Code
    reason: Words

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason_code": "wrong_child", "reason": "Two families of one name."}]}
    )


class LinkOut(BaseModel):
    """A link. ``state``: proposed (by the sender, nothing follows), requested, waiting, joined, unlinked."""

    id: UUID
    state: str = Field(examples=["joined"])
    relation: str = Field(examples=["duplicate"])
    role: str = Field(description="What this contact is in it.", examples=["primary"])
    other_contact_id: UUID
    pairs: dict[UUID, UUID]
    reason_code: str = Field(examples=["same_incident"])
    reason: str | None
    linked_at: AwareDatetime
    linked_by: str
    unlinked_at: AwareDatetime | None
    unlinked_by: str | None
    unlink_reason_code: str | None
    unlink_reason: str | None


class ProposalOut(BaseModel):
    """Two subjects that may be one child, with the fields that agree, that are near, and that do not."""

    subject_id: UUID
    other_subject_id: UUID
    other_contact_id: UUID
    state: str = Field(examples=["proposed"])
    score: float = Field(examples=[0.97])
    agrees: list[str] = _FIELDS
    near: list[str] = Field(examples=[["given_name"]])
    differs: list[str] = Field(examples=[["home"]])
    proposed_at: AwareDatetime
    answered_at: AwareDatetime | None
    answered_by: str | None
    reason: str | None


class RelativeOut(BaseModel):
    """Somebody of an earlier contact: same_child, sibling, household or same_home."""

    subject_id: UUID
    other_subject_id: UUID
    other_contact_id: UUID
    relation: str = Field(examples=["sibling"])
    certainty: str = Field(examples=["probable"])


class LinksOut(BaseModel):
    """Whatever belongs to a contact, or may. The ETag moves when a link is made or removed."""

    contact_id: UUID
    links: list[LinkOut]
    proposals: list[ProposalOut]
    related: list[RelativeOut]
    too_common: list[str] = Field(
        description="What so many have that it was not searched in full, such as a name or a birth date.",
        examples=[["birth_date"]],
    )
    follows_unknown: bool = Field(description="Its sender says that it follows a contact that is not here.")


class PersonAsked(StrictBody):
    """Somebody to look for. At least one of it."""

    given_name: Short | None = None
    family_name: Short | None = None
    birth_date: Day | None = None
    sex: Literal["F", "M"] | None = None
    nhs_number: Short | None = None
    upn: Short | None = None
    address_lines: Annotated[list[Short], Field(max_length=10)] = Field(default_factory=list[Short])
    postcode: Short | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.given_name, self.family_name, self.birth_date, self.nhs_number, self.upn, self.postcode)):
            raise ValueError("say a name, a birth date, a number or a postcode")
        return self


class MatchesIn(StrictBody):
    """Whom to look for: a subject that is known, or what is known of somebody."""

    subject_id: Id | None = None
    person: PersonAsked | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"person": {"given_name": "Rowan", "family_name": "Sample", "birth_date": "2026-09-05"}},
                {"subject_id": _SUBJECT},
            ]
        }
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.subject_id is None) == (self.person is None):
            raise ValueError("send subject_id or person, one of both")
        return self


class MatchOut(BaseModel):
    """Somebody who may be meant. ``sameness``: confirmed, probable or none; ``relation`` what else they may be."""

    subject_id: UUID
    contact_id: UUID
    child_id: str | None
    sameness: str = Field(examples=["probable"])
    relation: str | None = Field(examples=["sibling"])
    score: float = Field(examples=[0.97])
    agrees: list[str] = _FIELDS
    near: list[str] = Field(examples=[["given_name"]])
    differs: list[str] = Field(examples=[["home"]])


class MatchesOut(BaseModel):
    """The likeliest first, at most 50."""

    matches: list[MatchOut]
    too_common: list[str] = Field(
        description="What so many have that it was not searched in full: say more.", examples=[["name"]]
    )


class SamenessIn(StrictBody):
    """A person's word on whether two subjects are one child."""

    subject_id: Id
    other_subject_id: Id
    same: bool
    reason: Words

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject_id": _SUBJECT,
                    "other_subject_id": _OTHER,
                    "same": True,
                    "reason": "The school has confirmed the date of birth; the family moved in May.",
                }
            ]
        }
    )


class SamenessOut(BaseModel):
    """How the pair stands now."""

    subject_id: UUID
    other_subject_id: UUID
    state: str = Field(examples=["accepted"])
