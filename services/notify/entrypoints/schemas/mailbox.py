"""The e-mails of the embedded run, as their receivers would see them."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

_ID = "5b0c2b1e-8f1d-5a55-9c0a-2d8a5a4f6e01"
_AT = "2026-11-20T10:00:05Z"


class PostedOut(BaseModel):
    """One e-mail of the embedded run, as its receiver would see it."""

    message_id: UUID = Field(examples=[_ID])
    to: str = Field(examples=["j.doe@example.org"])
    subject: str = Field(examples=["We have your contact MASH-7K3P-2QF9-5"])
    sent_at: AwareDatetime = Field(examples=[_AT])
    body: str = Field(examples=["Thank you for contacting the MASH front door. …"])


class MailboxOut(BaseModel):
    """The e-mails of the embedded run, newest first."""

    messages: list[PostedOut]
