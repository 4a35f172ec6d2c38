"""Months in addresses: ``2026-11``, a London month that has begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Path

from services.deadlines.domain.policy.counting import month_of
from shared.web import FieldError, Problem

MonthPath = Annotated[
    str,
    Path(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="A London month that has begun, YYYY-MM.",
        examples=["2026-11"],
    ),
]


@dataclass(frozen=True, slots=True)
class Month:
    """A month, and whether it is over."""

    text: str
    first: date
    complete: bool


def month_from(text: str, now: datetime) -> Month:
    """The month. Raises Problem for one that has not begun."""
    first, current = date.fromisoformat(f"{text}-01"), month_of(now)
    if first > current:
        detail = "This month has not begun: ask for the current one or an earlier one."
        raise Problem(422, "not_valid", detail=detail, errors=[FieldError("/month", "not_begun", detail, "path")])
    return Month(text, first, complete=first < current)
