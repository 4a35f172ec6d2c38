"""The duty rota as it is sent and shown: it holds the addresses of staff."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.web import Moment, StrictBody


class DutyPeriodIn(StrictBody):
    """One person on duty in one role, from ``starts_at`` until before ``ends_at``."""

    role: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$", examples=["duty_worker"])]
    address: Annotated[
        str, Field(pattern=r"^[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\"]{1,180}$", examples=["duty@example.org"])
    ]
    starts_at: Moment = Field(examples=["2026-11-20T08:30:00Z"])
    ends_at: Moment = Field(examples=["2026-11-20T17:00:00Z"])
    absent: bool = Field(default=False, examples=[False], description="Passed over: the team address serves.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("ends_before_it_starts", "Must end after it starts.")
        return self


class DutyRotaIn(StrictBody):
    """The whole rota; it replaces the one before."""

    periods: Annotated[list[DutyPeriodIn], Field(max_length=2000)]


class RungOut(BaseModel):
    """One step of the pack's ladder. Whoever is not on the rota, the team address always is."""

    role: str = Field(examples=["duty_worker"])
    out_of_hours_role: str = Field(examples=["edt"])
    after_minutes: int = Field(examples=[0])
    team_address: str = Field(examples=["duty@example.org"])


class DutyRotaOut(BaseModel):
    """Who is on duty, and the ladder that is climbed."""

    version: int = Field(examples=[1])
    periods: list[DutyPeriodIn]
    ladder: list[RungOut]
