"""Bank holidays as they are shipped: ``calendars/<id>/<version>.yaml`` beside the policy packs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from services.deadlines.domain.model.calendar import SHIPPED, CalendarState, CalendarVersion, ClosedDay, DayKind
from services.deadlines.domain.model.working_time import Holidays

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


class CalendarRefused(Exception):
    """A calendar is missing or wrong: the process does not start, because every due time would be."""


class _Day(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    name: str
    one_off: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    version: str
    first: date
    last: date
    holidays: tuple[_Day, ...]


def shipped_calendars(root: Path) -> list[str]:
    """The names of the calendars under ``root``."""
    return sorted(path.name for path in (root / "calendars").glob("*") if path.is_dir())


def load_holidays(root: Path, name: str) -> Holidays:
    """The newest version of the calendar ``name`` under ``root``. Raises CalendarRefused for a missing or wrong one."""
    return shipped_version(root, name).holidays()


def shipped_version(root: Path, name: str) -> CalendarVersion:
    """The same with the days' names, as the version that it is. Raises CalendarRefused."""
    versions = {int(path.stem): path for path in (root / "calendars" / name).glob("*.yaml") if path.stem.isdigit()}
    if not versions:
        raise CalendarRefused(f"no calendar is called {name}")
    path = versions[max(versions)]
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise CalendarRefused(f"calendar {name}, {path.name}: {error}") from error
    days = [day.date for day in file.holidays]
    if (file.id, file.version) != (name, path.stem) or days != sorted(set(days)) or not _covers(file, days):
        raise CalendarRefused(f"calendar {name}, {path.name}: name, version, order or range of its days is wrong")
    return _as_version(file)


def _as_version(file: _File) -> CalendarVersion:
    return CalendarVersion(
        calendar=file.id,
        version=int(file.version),
        state=CalendarState.APPROVED,
        first=file.first,
        last=file.last,
        days=tuple(
            ClosedDay(date=day.date, name=day.name, kind=DayKind.BANK_HOLIDAY, one_off=day.one_off)
            for day in file.holidays
        ),
        effective_from=_ALWAYS,
        shipped=int(file.version),
        proposed_by=SHIPPED,
        proposed_at=_ALWAYS,
        settled_by=SHIPPED,
        settled_at=_ALWAYS,
    )


def _covers(file: _File, days: list[date]) -> bool:
    """True where no year within the range is without holidays: a forgotten year would be a year without any."""
    years = {day.year for day in days}
    day, wanted = file.first, set[int]()
    while day <= file.last:
        wanted.add(day.year)
        day += timedelta(days=1)
    return wanted == years and all(file.first <= day <= file.last for day in days)
