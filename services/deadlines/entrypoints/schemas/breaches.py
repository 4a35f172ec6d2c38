"""The ledger as it is shown."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from .clocks import State

_ID = "5f0c6a52-7d0b-5c1f-8a52-0d7f5d1c9c11"
_AT = "2026-11-20T16:30:00Z"


class BreachOut(BaseModel):
    """An entry of the ledger."""

    id: UUID = Field(examples=[_ID])
    deadline_id: UUID = Field(examples=[_ID])
    contact_id: UUID = Field(examples=[_ID])
    reference: str | None = Field(description="None once the contact has been erased.", examples=["MASH-7K3P-2QF9-5"])
    subject_id: UUID | None = Field(examples=[_ID])
    kind: str = Field(examples=["strategy_discussion"])
    rating: str | None = Field(examples=["red"])
    policy: str = Field(examples=["southampton-pathways-2021@1"])
    calendar: str = Field(examples=[""])
    epoch: int = Field(examples=[1])
    starts_at: AwareDatetime = Field(examples=[_AT])
    due_at: AwareDatetime = Field(examples=[_AT])
    found_at: AwareDatetime = Field(examples=[_AT])
    late_seconds: float = Field(description="From due to found: our own lateness, not the hub's.", examples=[0.2])
    minutes_over: int | None = Field(description="Until it was met or cancelled; grows until then.", examples=[95])
    late_before_arrival_minutes: int = Field(description="Gone before the contact even reached us.", examples=[0])
    stage: str = Field(description="How far the contact was.", examples=["opened"])
    organisation_id: str | None = Field(description="The referrer's organisation.", examples=["school-12"])
    owner: str | None = Field(description="The team whose contact it was then.", examples=["mash"])
    agency: str | None = Field(description="Of a check: the agency that had been asked.", examples=[None])
    state: State | None = Field(description="Where the clock stands now.", examples=["breached"])
    met_at: AwareDatetime | None = Field(examples=[None])


class BreachList(BaseModel):
    """A page of the ledger, latest first; the Link header names the next page."""

    breaches: list[BreachOut]
