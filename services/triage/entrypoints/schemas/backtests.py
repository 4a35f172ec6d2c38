"""What a backtest is asked and answers: counts, and references of contacts. Nothing personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from services.triage.adapters.repositories.stored_facts import Window
from shared.policy.backtest import HOURS, Backtest, Downgrade, Said
from shared.web import Moment, StrictBody

from .policies import PolicyHead, policy_head

MOST_CONTACTS = 100_000
_EXAMPLE: JsonDict = {
    "against": "southampton-pathways-2021@1",
    "since": "2026-03-01T00:00:00Z",
    "until": "2026-04-01T00:00:00Z",
    "limit": 10000,
}


class BacktestBody(StrictBody):
    """Against which version, and over which contacts."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    against: Annotated[str, Field(max_length=100)] = Field(description="The old version, as in id@1.")
    since: Moment | None = Field(default=None, description="Received at or after.")
    until: Moment | None = Field(default=None, description="Received before.")
    limit: Annotated[int, Field(ge=1, le=MOST_CONTACTS)] = Field(
        default=10_000, description="At most so many contacts; fewer than there are is an even sample of them."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("since comes before until")
        return self


class _View(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class Moved(_View):
    """So many subjects that were one thing and would be another; "none": no outcome is proposed."""

    old: str = Field(examples=["amber"])
    new: str = Field(examples=["red"])
    subjects: int = Field(examples=[12])


class SaidView(_View):
    """What one version says of a subject."""

    rating: str
    routes: list[str]
    proposed_route: str | None
    outcome: str | None


class DowngradeView(_View):
    """A subject that the new version asks less for: a lower rating, nobody paged, a lower outcome, or a lower route
    that a person may now confirm.
    """

    reference: str = Field(examples=["MASH-7K3P-2QF9-5"])
    position: int = Field(examples=[1])
    lower: list[str] = Field(examples=[["rating", "paging"]])
    old: SaidView
    new: SaidView


class HourView(_View):
    """Contacts received in one hour of the day, by their rating."""

    hour: int = Field(ge=0, le=23)
    old: dict[str, int] = Field(examples=[{"red": 3, "amber": 20}])
    new: dict[str, int] = Field(examples=[{"red": 5, "amber": 18}])


class BacktestView(_View):
    """Stored facts under two versions: what would have been otherwise."""

    old: PolicyHead
    new: PolicyHead
    since: Moment | None
    until: Moment | None
    contacts: int
    subjects: int
    without_facts: int = Field(description="Subjects whose event nobody could read: not compared.")
    complete: bool = Field(description="False where the limit cut: then it is an even sample.")
    ratings: list[Moved]
    outcomes: list[Moved]
    raised: int = Field(description="Subjects that the new version asks more for, and in no respect less.")
    downgrades: list[DowngradeView]
    workload: list[HourView] = Field(description="By local hour of receipt.")


def backtest_view(backtest: Backtest, window: Window, *, complete: bool) -> BacktestView:
    """The document of a finished backtest."""
    tallies = backtest.tallies
    return BacktestView(
        old=policy_head(backtest.old),
        new=policy_head(backtest.new),
        since=window.since,
        until=window.until,
        contacts=tallies.contacts,
        subjects=tallies.subjects,
        without_facts=tallies.without_facts,
        complete=complete,
        ratings=_moved(tallies.ratings),
        outcomes=_moved(tallies.outcomes),
        raised=tallies.raised,
        downgrades=[
            _downgrade(one) for one in sorted(tallies.downgrades, key=lambda one: (one.reference, one.position))
        ],
        workload=[
            HourView(hour=hour, old=_at(tallies.old_hours, hour), new=_at(tallies.new_hours, hour)) for hour in HOURS
        ],
    )


def _moved(table: Mapping[tuple[str, str], int]) -> list[Moved]:
    return [Moved(old=old, new=new, subjects=count) for (old, new), count in sorted(table.items())]


def _at(hours: Mapping[tuple[int, str], int], hour: int) -> dict[str, int]:
    return {code: count for (at, code), count in sorted(hours.items()) if at == hour}


def _downgrade(one: Downgrade) -> DowngradeView:
    lower = [respect.value for respect in one.lower]
    return DowngradeView(
        reference=one.reference, position=one.position, lower=lower, old=_said(one.old), new=_said(one.new)
    )


def _said(said: Said) -> SaidView:
    return SaidView(
        rating=said.rating, routes=list(said.routes), proposed_route=said.proposed_route, outcome=said.outcome
    )
