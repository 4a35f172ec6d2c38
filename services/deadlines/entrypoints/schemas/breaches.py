"""The ledger as it is shown."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.deadlines.domain.model.explanation import CauseCode
from shared.web import StrictBody

from .clocks import State

_ID = "5f0c6a52-7d0b-5c1f-8a52-0d7f5d1c9c11"
_AT = "2026-11-20T16:30:00Z"


class ExplanationIn(StrictBody):
    """Why it came about. Several may be added; none is ever changed, and the entry of the ledger stays."""

    cause: Annotated[CauseCode, Field(strict=False)] = Field(examples=["waiting_for_agency"])
    excused: bool | None = Field(
        None, examples=[None], description="A manager's word; left out, it says nothing about that."
    )
    note: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None,
        examples=["The agency's duty desk was not staffed that night."],
        description="Kept encrypted, shown to practitioners and managers; needed for the cause `other`.",
    )


class ExplanationOut(BaseModel):
    """What somebody said of a breach."""

    id: UUID = Field(examples=[_ID])
    breach_id: UUID = Field(examples=[_ID])
    cause: str = Field(examples=["waiting_for_agency"])
    excused: bool | None = Field(examples=[None])
    explained_at: AwareDatetime = Field(examples=[_AT])
    explained_by: str = Field(examples=["duty.worker"])
    note: str | None = Field(description="None for operations, and once the contact is erased.", examples=[None])


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
    minutes_over: int | None = Field(
        description="Until it was met or cancelled; grows until then. None once the contact has been erased.",
        examples=[95],
    )
    late_before_arrival_minutes: int = Field(description="Gone before the contact even reached us.", examples=[0])
    stage: str = Field(description="How far the contact was.", examples=["opened"])
    organisation_id: str | None = Field(description="The referrer's organisation.", examples=["school-12"])
    owner: str | None = Field(description="The team whose contact it was then.", examples=["mash"])
    agency: str | None = Field(description="Of a check: the agency that had been asked.", examples=[None])
    state: State | None = Field(description="Where the clock stands now.", examples=["breached"])
    met_at: AwareDatetime | None = Field(examples=[None])
    excused: bool | None = Field(description="What a manager said last; the entry stays either way.", examples=[None])
    explanations: list[ExplanationOut] = Field(description="All that was said of it, newest first.", examples=[[]])


class BreachList(BaseModel):
    """A page of the ledger, latest first; the Link header names the next page."""

    breaches: list[BreachOut]
