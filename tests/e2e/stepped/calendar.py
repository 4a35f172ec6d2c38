"""When clocks are due, worked out apart from the code under test: a weekday, a list of holidays, a closing time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = frozenset({date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3), date(2027, 5, 31)})
CLOSES = (time(17), time(17), time(17), time(17), time(16, 30))


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of 2027, said as London's clocks say it."""
    return datetime(2027, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def working_days(number: int, since: datetime) -> datetime:
    """Closing time of the ``number``-th working day after the London day of ``since``."""
    day = since.astimezone(LONDON).date()
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < len(CLOSES) and day not in HOLIDAYS
    return datetime.combine(day, CLOSES[day.weekday()], LONDON).astimezone(UTC)


def hours(number: float, since: datetime) -> datetime:
    """So many hours that pass, by day and by night."""
    return since + timedelta(hours=number)


def minutes(number: float, since: datetime) -> datetime:
    """So many minutes."""
    return since + timedelta(minutes=number)


def weeks(number: int, since: datetime) -> datetime:
    """So many weeks of seven times 24 hours."""
    return since + timedelta(weeks=number)
