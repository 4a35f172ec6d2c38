"""Clocks as they are shown."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

State = Literal["running", "met", "breached", "cancelled", "not_watched"]

_ID = "5f0c6a52-7d0b-5c1f-8a52-0d7f5d1c9c11"
_AT = "2026-11-20T16:30:00Z"


class StepOut(BaseModel):
    """A warning step."""

    share: float = Field(description="Share of the time, 1 is the due time itself.", examples=[0.8])
    at: AwareDatetime = Field(examples=[_AT])
    fired: bool = Field(examples=[False])


class EscalationOut(BaseModel):
    """A step after the breach."""

    rung: int = Field(description="Of the duty ladder; 0 is the duty worker.", examples=[1])
    at: AwareDatetime = Field(examples=[_AT])
    fired: bool = Field(examples=[False])


class DeadlineOut(BaseModel):
    """One clock, with everything it was computed by."""

    id: UUID = Field(examples=[_ID])
    contact_id: UUID = Field(examples=[_ID])
    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    subject_id: UUID | None = Field(examples=[_ID])
    item_id: UUID | None = Field(description="The check or challenge whose answer it waits for.", examples=[None])
    agency: str | None = Field(description="Of a check: the agency asked.", examples=[None])
    owner: str | None = Field(description="The team the contact is assigned to.", examples=["mash"])
    kind: str = Field(description="The policy pack's word.", examples=["strategy_discussion"])
    state: State = Field(examples=["running"])
    epoch: int = Field(description="How often it has been computed.", examples=[1])
    starts_at: AwareDatetime = Field(examples=[_AT])
    due_at: AwareDatetime = Field(examples=[_AT])
    beside_due_at: AwareDatetime | None = Field(description="The other reading, shown, never alarmed.", examples=[None])
    steps: list[StepOut]
    escalations: list[EscalationOut]
    basis: str = Field(examples=["elapsed"])
    calendar: str = Field(description="Empty for elapsed time.", examples=["england-and-wales@1"])
    policy: str = Field(examples=["southampton-pathways-2021@1"])
    rating: str | None = Field(examples=["red"])
    pages: bool = Field(examples=[True])
    watched: bool = Field(description="False where nothing tells us when it is met.", examples=[True])
    because: str = Field(description="The event that started it.", examples=["ContactRated"])
    reason: str = Field(description="Its last transition, or why it was cancelled.", examples=["set"])
    set_at: AwareDatetime = Field(examples=[_AT])
    breached_at: AwareDatetime | None = Field(description="Never removed, whatever comes later.", examples=[None])
    met_at: AwareDatetime | None = Field(examples=[None])
    cancelled_at: AwareDatetime | None = Field(examples=[None])


class DeadlineList(BaseModel):
    """A page of clocks in the order they are due; the Link header names the next page."""

    deadlines: list[DeadlineOut]


class NextOut(BaseModel):
    """A clock that will be missed unless somebody does what it waits for."""

    id: UUID = Field(examples=[_ID])
    contact_id: UUID = Field(examples=[_ID])
    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    subject_id: UUID | None = Field(examples=[_ID])
    kind: str = Field(examples=["strategy_discussion"])
    rating: str | None = Field(examples=["red"])
    urgency: int = Field(description="The rating's place in the pack's order, 9 at most.", examples=[3])
    pages: bool = Field(examples=[True])
    stage: str = Field(description="How far the contact is.", examples=["opened"])
    owner: str | None = Field(description="The team the contact is assigned to.", examples=["mash"])
    agency: str | None = Field(description="Of a check: the agency asked.", examples=[None])
    starts_at: AwareDatetime = Field(examples=[_AT])
    due_at: AwareDatetime = Field(examples=[_AT])
    seconds_left: float = Field(description="Negative where it is due and has not fired yet.", examples=[5400])
    share_gone: float | None = Field(
        description="Of a working clock the share of working time; above 1 past its due time.", examples=[0.75]
    )
    basis: str = Field(examples=["elapsed"])


class NextList(BaseModel):
    """A page of clocks, the next to be missed first; the Link header names the next page."""

    now: AwareDatetime = Field(description="Business time.", examples=[_AT])
    deadlines: list[NextOut]


class PreviewOut(BaseModel):
    """What would be due."""

    kind: str = Field(examples=["strategy_discussion"])
    name: str = Field(examples=["Strategy discussion held"])
    per: str = Field(description="contact or subject.", examples=["subject"])
    starts_at: AwareDatetime = Field(examples=[_AT])
    due_at: AwareDatetime = Field(examples=[_AT])
    beside_due_at: AwareDatetime | None = Field(examples=[None])
    steps: list[AwareDatetime] = Field(examples=[[_AT]])
    basis: str = Field(examples=["elapsed"])
    calendar: str = Field(examples=["england-and-wales@1"])


class Preview(BaseModel):
    """The clocks of a contact that were received then and rated for this route at once."""

    policy: str = Field(examples=["southampton-pathways-2021@1"])
    route: str = Field(examples=["red-abuse"])
    received_at: AwareDatetime = Field(examples=[_AT])
    deadlines: list[PreviewOut]
