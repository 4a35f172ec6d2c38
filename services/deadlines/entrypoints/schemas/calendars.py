"""Calendars of closed days as they are sent and shown."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from shared.web import Day, Moment, StrictBody

_ID = "5f0c6a52-7d0b-5c1f-8a52-0d7f5d1c9c11"
_AT = "2026-11-20T16:30:00Z"
Kind = Literal["bank_holiday", "closure"]


class ClosedDayIn(StrictBody):
    """A day on which the hub will be closed."""

    date: Day = Field(examples=["2027-06-04"])
    name: Annotated[str, Field(min_length=1, max_length=80, examples=["Staff training day"])]
    kind: Kind = Field(default="closure", examples=["closure"])
    one_off: bool = Field(default=True, examples=[True])


class CalendarIn(StrictBody):
    """What is to be different from the latest approved version. It counts once another person has approved it."""

    calendar: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,60}$")] = Field(
        default="england-and-wales", examples=["england-and-wales"]
    )
    add: Annotated[tuple[ClosedDayIn, ...], Field(strict=False, max_length=400)] = ()
    remove: Annotated[tuple[Day, ...], Field(strict=False, max_length=400)] = Field(
        default=(), description="Closed days on which the hub is open after all.", examples=[[]]
    )
    last: Day | None = Field(default=None, description="A later end of the data, with its days.", examples=[None])
    take_shipped: bool = Field(
        default=False, description="Also the days of the newest version that came with the software.", examples=[False]
    )
    effective_from: Moment | None = Field(
        default=None, description="From when clocks count by it; without it from the approval.", examples=[None]
    )


class ClosedDayOut(BaseModel):
    """A day on which the hub is closed."""

    date: dt.date = Field(examples=["2026-12-25"])
    name: str = Field(examples=["Christmas Day"])
    kind: Kind = Field(examples=["bank_holiday"])
    one_off: bool = Field(examples=[False])
    local: bool = Field(description="Put in by people here.", examples=[False])


class CalendarOut(BaseModel):
    """One version."""

    ref: str = Field(description="As each deadline keeps it.", examples=["england-and-wales@1"])
    calendar: str = Field(examples=["england-and-wales"])
    version: int = Field(examples=[1])
    state: Literal["proposed", "approved", "withdrawn", "rejected"] = Field(examples=["approved"])
    in_force: bool = Field(description="Clocks count by it now.", examples=[True])
    first: dt.date = Field(examples=["2019-01-01"])
    last: dt.date = Field(description="Clocks due later are refused.", examples=["2028-12-31"])
    effective_from: AwareDatetime = Field(examples=[_AT])
    shipped: int = Field(description="The newest version of the software's own that it holds.", examples=[1])
    proposed_by: str = Field(examples=["shipped"])
    proposed_at: AwareDatetime = Field(examples=[_AT])
    settled_by: str | None = Field(description="Who approved, withdrew or rejected it.", examples=["shipped"])
    settled_at: AwareDatetime | None = Field(examples=[_AT])
    days: list[ClosedDayOut]


class CalendarList(BaseModel):
    """The versions of every calendar, the newest fifty of each, newest first."""

    calendars: list[CalendarOut]


class MoveOut(BaseModel):
    """A deadline that is due at another time by this version."""

    deadline_id: UUID = Field(examples=[_ID])
    contact_id: UUID = Field(examples=[_ID])
    reference: str | None = Field(description="None once the contact has been erased.", examples=["MASH-7K3P-2QF9-5"])
    kind: str = Field(examples=["mash_decision"])
    old_due_at: AwareDatetime = Field(examples=[_AT])
    new_due_at: AwareDatetime = Field(examples=["2026-11-23T17:00:00Z"])


class ProposalOut(BaseModel):
    """A version and the deadlines it would move, next due first. The ETag stands for the whole list."""

    calendar: CalendarOut
    would_move: int = Field(description="How many in all; of a settled version how many it was shown.", examples=[1])
    moves: list[MoveOut] = Field(description="A page of them; where it is read, the Link header names the next.")
