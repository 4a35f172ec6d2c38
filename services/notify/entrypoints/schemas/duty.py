"""The duty rota as it is sent and shown: it holds the addresses of staff."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.web import Moment, StrictBody

_EMAIL: Final = r"[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\"]{1,180}"
_FORMS: Final = {"email": re.compile(_EMAIL), "sms": re.compile(r"\+447[0-9]{9}")}  # the form that providers take
Role = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$", examples=["duty_worker"])]
AT: Final = "2026-11-20T08:30:00Z"


class DutyPeriodIn(StrictBody):
    """One person on duty in one role, from ``starts_at`` until before ``ends_at``."""

    role: Role
    person: Annotated[str, Field(min_length=1, max_length=80)] | None = Field(
        None, examples=["duty.worker"], description="Whom it is about, as your own lists name them."
    )
    channel: Literal["email", "sms"] = Field("email", examples=["email"])
    address: Annotated[str, Field(max_length=250, examples=["duty@example.org"])] = Field(
        description="An e-mail address, or for sms a mobile number of the UK in the form +447700900123."
    )
    starts_at: Moment = Field(examples=[AT])
    ends_at: Moment = Field(examples=["2026-11-20T17:00:00Z"])
    absent: bool = Field(
        default=False,
        examples=[False],
        description="Passed over: the next person on duty in the role serves, then the team's address.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("ends_before_it_starts", "Must end after it starts.")
        if not _FORMS[self.channel].fullmatch(self.address):
            raise PydanticCustomError("address_unfit", "Must be an e-mail address, or for sms as +447700900123.")
        return self


class TeamIn(StrictBody):
    """Where the alerts to a role end: an e-mail address that is always read."""

    role: Role
    address: Annotated[str, Field(pattern=f"^{_EMAIL}$", examples=["duty@example.org"])]


class DutyRotaIn(StrictBody):
    """The whole rota; it replaces the one before."""

    periods: Annotated[list[DutyPeriodIn], Field(max_length=2000)]
    teams: Annotated[list[TeamIn], Field(max_length=50)] | None = Field(
        None, description="The always-on address of each role. Left out: those there are stay."
    )

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        roles = [team.role for team in self.teams or ()]
        if len(roles) != len(set(roles)):
            raise PydanticCustomError("role_twice", "Name one team address for each role.")
        return self


class RungOut(BaseModel):
    """One step of the pack's ladder. Whoever is not on the rota, the team address always is."""

    role: str = Field(examples=["duty_worker"])
    out_of_hours_role: str = Field(examples=["edt"])
    after_minutes: int = Field(examples=[0])
    team_address: str = Field(examples=["duty@example.org"])
    out_of_hours_team_address: str = Field(examples=["edt@example.org"])


class RotaWarning(BaseModel):
    """What should be looked at: nobody refuses a rota for it."""

    code: Literal["no_team_address", "gap", "overlap"] = Field(examples=["gap"])
    role: str = Field(examples=["duty_worker"])
    starts_at: AwareDatetime | None = Field(None, examples=[AT])
    ends_at: AwareDatetime | None = Field(None, examples=["2026-11-20T09:00:00Z"])


class DutyRotaOut(BaseModel):
    """Who is on duty, the ladder that is climbed, and what is doubtful in the week ahead."""

    version: int = Field(examples=[1])
    periods: list[DutyPeriodIn]
    teams: list[TeamIn]
    ladder: list[RungOut]
    warnings: list[RotaWarning]
