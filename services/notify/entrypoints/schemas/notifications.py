"""Messages as they are shown, and what staff attest. Addresses stand masked."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.notify.domain.model import Kind, State
from shared.web import Id, Moment, StrictBody

_ID = "5b0c2b1e-8f1d-5a55-9c0a-2d8a5a4f6e01"
_CONTACT = "0d5c9a4e-51b8-4b0a-9a4f-0f8a3f6b7c11"
_AT = "2026-11-20T10:00:05Z"


class NotificationOut(BaseModel):
    """One message to one person, and how far it has come."""

    id: UUID = Field(examples=[_ID], description="Also the provider's reference and the e-mail's Message-ID.")
    contact_id: UUID = Field(examples=[_CONTACT])
    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    kind: Kind = Field(examples=["acknowledgement"])
    purpose: str = Field(examples=["acknowledge-professional"], description="The pack's rule that asks for it.")
    template: str = Field(examples=["professional-acknowledgement"], description="Empty: only a person may tell it.")
    state: State = Field(examples=["sent"])
    reason: str | None = Field(
        None,
        examples=[None],
        description="Why it is not sent (yet): a code. `family_not_alerted`, `closed_undecided`: only a person may.",
    )
    channel: str | None = Field(None, examples=["email"])
    address: str | None = Field(None, examples=["j…@example.org"], description="Masked: no address is kept here.")
    attempts: int = Field(examples=[1])
    created_at: AwareDatetime = Field(examples=["2026-11-20T10:00:00Z"])
    settled_at: AwareDatetime | None = Field(None, examples=[_AT])
    next_try_at: AwareDatetime | None = Field(None, examples=[None], description="Real time, as retries are.")
    decisions: dict[UUID, int] = Field(
        {}, examples=[{}], description="Which version of each subject's decision it tells."
    )
    complete: bool = Field(default=False, examples=[False], description="Every subject's decision is told in it.")
    rung: int | None = Field(None, examples=[None], description="Of the duty ladder, from 0; alerts only.")
    deadline_id: UUID | None = Field(None, examples=[None])


class NotificationList(BaseModel):
    """A page of notifications, newest first."""

    notifications: list[NotificationOut]


class AttemptOut(BaseModel):
    """One try. Without an end it was cut off: the provider may or may not have taken it. Times are real time."""

    number: int = Field(examples=[1])
    channel: str = Field(examples=["email"])
    template_hash: str = Field(examples=["9f2c41d07a3b"], description="Which wording went out.")
    started_at: AwareDatetime = Field(examples=[_AT])
    ended_at: AwareDatetime | None = Field(None, examples=[_AT])
    outcome: str | None = Field(None, examples=["accepted"])
    code: str | None = Field(None, examples=[None])
    provider_id: str | None = Field(None, examples=[None], description="The provider's own name for it: the proof.")
    receipt: str | None = Field(None, examples=["delivered"], description="What the provider reported later.")
    receipt_at: AwareDatetime | None = Field(None, examples=[_AT])


class AttestedOut(BaseModel):
    """What a member of staff attested."""

    how: str = Field(examples=["phone"])
    told_at: AwareDatetime = Field(examples=[_AT])
    told_by: str = Field(examples=["duty.worker"])
    note: str | None = Field(None, examples=["Spoke to the safeguarding lead."])


class NotificationDetail(NotificationOut):
    """One notification with every attempt."""

    tries: list[AttemptOut] = []
    attested: list[AttestedOut] = []


class ToldIn(StrictBody):
    """You have told the referrer yourself."""

    how: Literal["phone", "in_person", "secure_mail", "letter", "other"] = Field(examples=["phone"])
    told_at: Moment = Field(examples=[_AT])
    messages: Annotated[list[Id], Field(max_length=50)] = Field(
        default=[], examples=[[]], description="Which messages were told; none named: all that were open then."
    )
    note: Annotated[str, Field(min_length=1, max_length=4000)] | None = Field(
        None, examples=["Spoke to the safeguarding lead."], description="Kept encrypted; never sent to anybody."
    )


class ToldOut(BaseModel):
    """What is settled by your word, and what the referrer still has to be told."""

    notifications: list[NotificationOut]
    still_open: list[UUID] = Field([], examples=[[]], description="Not named, or came up after told_at.")


class LetterOut(BaseModel):
    """What a message says, as a professional referrer's organisation may read it."""

    id: UUID = Field(examples=[_ID])
    contact_id: UUID = Field(examples=[_CONTACT])
    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    kind: Kind = Field(examples=["acknowledgement"])
    subject: str = Field(examples=["We have your contact MASH-7K3P-2QF9-5"])
    body: str = Field(examples=["Thank you for contacting the MASH front door. …"])
