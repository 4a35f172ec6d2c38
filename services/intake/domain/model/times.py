"""Ages as they may leave intake, and where the clocks start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

EARLIEST_FIRST_ATTEMPT = timedelta(days=7)
LATEST_FIRST_ATTEMPT = timedelta(minutes=1)
WEEKS_UNDER = 12
MONTHS_UNDER_YEARS = 2
_DAYS_A_WEEK = 7
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class AgeSpoken:
    """An age as events carry it: weeks under 12 weeks, months under 2 years, then years; or weeks to the expected date;
    or unknown. Never a date of birth.
    """

    unit: str
    value: int | None = None
    estimated: bool = False


UNKNOWN_AGE = AgeSpoken("unknown")


def age_at(
    day: date, *, birth_date: date | None, expected_date: date | None, estimated_age_years: int | None
) -> AgeSpoken:
    """The age on ``day``. A birth after that day has no age: unknown."""
    if birth_date is not None:
        return _age_between(birth_date, day) if birth_date <= day else UNKNOWN_AGE
    if expected_date is not None:
        return AgeSpoken("weeks_to_birth", (expected_date - day).days // _DAYS_A_WEEK)
    if estimated_age_years is not None:
        return AgeSpoken("years", estimated_age_years, estimated=True)
    return UNKNOWN_AGE


def _age_between(birth: date, day: date) -> AgeSpoken:
    weeks = (day - birth).days // _DAYS_A_WEEK
    if weeks < WEEKS_UNDER:
        return AgeSpoken("weeks", weeks)
    months = (day.year - birth.year) * _MONTHS_A_YEAR + day.month - birth.month - (day.day < birth.day)
    if months < MONTHS_UNDER_YEARS * _MONTHS_A_YEAR:
        return AgeSpoken("months", months)
    return AgeSpoken("years", months // _MONTHS_A_YEAR)


def first_attempt_counts(first_attempted_at: datetime, *, accepted_at: datetime) -> bool:
    """True where the sender's first try is believable: at most 7 days back and a minute ahead of our clock."""
    return -EARLIEST_FIRST_ATTEMPT <= first_attempted_at - accepted_at <= LATEST_FIRST_ATTEMPT


def received_at(
    *, accepted_at: datetime, first_attempts: Iterable[datetime | None], followed_received_at: datetime | None
) -> datetime:
    """Where the clocks start: at first receipt. The followed contact's start, else the earliest believable first try of
    a retried request, else now.
    """
    if followed_received_at is not None:
        return followed_received_at
    tried = [at for at in first_attempts if at is not None and first_attempt_counts(at, accepted_at=accepted_at)]
    return min([*tried, accepted_at])
