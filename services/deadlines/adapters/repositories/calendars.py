"""Bank holidays from versioned data files: ``calendars/<id>/<version>.yaml`` beside the policy packs."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from services.deadlines.domain.model.working_time import Holidays


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


def load_holidays(root: Path, name: str) -> Holidays:
    """The newest version of the calendar ``name`` under ``root``. Raises CalendarRefused for a missing or wrong one."""
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
    return Holidays(id=file.id, version=file.version, first=file.first, last=file.last, days=frozenset(days))


def _covers(file: _File, days: list[date]) -> bool:
    """True where no year within the range is without holidays: a forgotten year would be a year without any."""
    years = {day.year for day in days}
    day, wanted = file.first, set[int]()
    while day <= file.last:
        wanted.add(day.year)
        day += timedelta(days=1)
    return wanted == years and all(file.first <= day <= file.last for day in days)
