"""What intake answers, and the strict bodies of everything but the contact itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.web import StrictBody

from . import answer_examples as shown_as
from .examples import EXAMPLE


class WarningOut(BaseModel):
    """Something in the form of what was sent. It has been kept, and a person will look."""

    pointer: str = Field(examples=["/subjects/0/nhs_number"])
    code: str = Field(examples=["unverified"])
    detail: str = Field(examples=["The check digit does not hold; kept as unverified."])


class SubjectNamed(BaseModel):
    """A subject's id, and its place in the order you named them."""

    subject_id: UUID = Field(examples=["6a1f0a52-0c5e-4c55-9f3f-7f1f6f0f2b10"])
    position: int = Field(examples=[1])


class ContactAccepted(BaseModel):
    """The contact is kept; it will not be lost."""

    model_config = shown_as.ACCEPTED

    id: UUID = Field(examples=["0d5c9a4e-51b8-4b0a-9a4f-0f8a3f6b7c11"])
    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    received_at: AwareDatetime = Field(description="Where our clocks start.", examples=["2026-11-20T10:00:00Z"])
    subjects: list[SubjectNamed]
    links: dict[str, str] = Field(examples=[{"self": "/v1/contacts/0d5c9a4e-51b8-4b0a-9a4f-0f8a3f6b7c11"}])
    warnings: list[WarningOut] = []
    advice: list[str] = Field([], examples=[["If a child is in danger now, call 999."]])


class TellingOut(BaseModel):
    """Something told of the contact later; ``told`` is what was sent then."""

    id: UUID
    at: AwareDatetime
    told: dict[str, Any] = Field(examples=[{"narrative": "A second mark was seen."}])
    given_by: str | None = Field(None, examples=["partner"])


class ContactOut(BaseModel):
    """A contact as its owner or staff may read it."""

    model_config = shown_as.CONTACT

    id: UUID
    reference: str
    received_at: AwareDatetime
    accepted_at: AwareDatetime
    organisation: str | None
    channel: str
    stage: str = Field(examples=["received"])
    subjects: list[SubjectNamed]
    told: dict[str, Any] = Field(description="The contact as it was sent.", examples=[EXAMPLE])
    information: list[TellingOut] = Field([], description="What was added, in the order it was sent.")
    withdrawals: list[TellingOut] = []
    challenges: list[TellingOut] = []


class ContactRow(BaseModel):
    """One line of a list: nothing personal."""

    id: UUID
    reference: str
    received_at: AwareDatetime
    accepted_at: AwareDatetime
    stage: str


class ContactList(BaseModel):
    """A page of contacts, newest first."""

    model_config = shown_as.LIST

    contacts: list[ContactRow]


class TimelineEntry(BaseModel):
    """One thing the caller may know."""

    at: AwareDatetime
    what: str = Field(examples=["informed"])
    request_id: UUID | None = Field(
        default=None, description="Of information_requested: answer it with answers_request."
    )
    questions: list[str] = Field(
        default=[], examples=[["Who lives in the home, and how are they related to the child?"]]
    )
    challenge_id: UUID | None = Field(default=None, description="Of challenge_answered: which one.")


class Timeline(BaseModel):
    """What has happened, as far as the caller may know."""

    model_config = shown_as.TIMELINE

    reference: str
    entries: list[TimelineEntry]


class RecipientAddress(BaseModel):
    """One way to reach the referrer: ``email``, or ``sms`` with a mobile number of the UK in international form."""

    channel: str = Field(examples=["email"])
    address: str = Field(examples=["priya@example.org"])


class Recipient(BaseModel):
    """For notify only: where to send, asked for at the moment of sending."""

    model_config = shown_as.RECIPIENT

    reference: str
    sender_reference: str | None
    referrer_kind: str
    addresses: list[RecipientAddress]


class SummariesIn(StrictBody):
    """Up to 100 contacts to show names and ages of."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [shown_as.ASKED_SUMMARIES]}
    )

    contact_ids: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=100)]


class SubjectSummary(BaseModel):
    """One subject's name and birth date."""

    position: int
    kind: str
    name: str | None
    birth_date: str | None


class Summary(BaseModel):
    """One contact's subjects."""

    id: UUID
    reference: str
    subjects: list[SubjectSummary]


class Summaries(BaseModel):
    """The contacts that were found."""

    model_config = shown_as.SUMMARIES

    contacts: list[Summary]


class ErasureIn(StrictBody):
    """Why a contact is to be forgotten."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason_code": "retention_ended"}]}
    )

    reason_code: Literal["retention_ended", "right_to_erasure", "court_order", "entered_in_error"]


class TokenOut(BaseModel):
    """An access token (RFC 6749)."""

    model_config = shown_as.TOKEN

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = 600
