"""What is stuck, as it is shown."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

_ID = "5f0c6a52-7d0b-5c1f-8a52-0d7f5d1c9c11"
_AT = "2026-11-20T16:30:00Z"


class StuckContact(BaseModel):
    """A contact that is stuck."""

    contact_id: UUID = Field(examples=[_ID])
    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    stage: str = Field(examples=["received"])
    subjects: int = Field(examples=[3])
    received_at: AwareDatetime | None = Field(examples=[_AT])
    since: AwareDatetime = Field(examples=[_AT])


class StuckOut(BaseModel):
    """One kind of standstill: counted whole, listed up to a hundred."""

    what: str = Field(description="without_clock, not_rated or not_informed.", examples=["not_rated"])
    contacts: int = Field(examples=[1])
    children: int = Field(description="Subjects; a contact that names nobody counts as one.", examples=[3])
    listed: list[StuckContact]


class Watchdog(BaseModel):
    """What should have happened and has not."""

    now: AwareDatetime = Field(description="Business time.", examples=[_AT])
    stuck: list[StuckOut]
