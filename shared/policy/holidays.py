"""Bank holidays by name, for whoever asks only whether a day is one: ``calendars/<name>/<version>.yaml``.

Clocks are counted elsewhere and refuse a day past the end of the data; here such a day is no holiday.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError


class HolidaysMissing(Exception):
    """A calendar that a pack names is missing or cannot be read: the process does not start."""


class _Day(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    date: date


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    holidays: tuple[_Day, ...]


def days_off(root: Path, name: str) -> frozenset[date]:
    """The holidays of the newest version of the calendar ``name`` under ``root``. Raises HolidaysMissing."""
    versions = [path for path in (root / "calendars" / name).glob("*.yaml") if path.stem.isdecimal()]
    if not versions:
        raise HolidaysMissing(f"no calendar is called {name}")
    newest = max(versions, key=lambda path: int(path.stem))
    try:
        file = _File.model_validate(yaml.safe_load(newest.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise HolidaysMissing(f"calendar {name}, {newest.name}, cannot be read") from error
    return frozenset(day.date for day in file.holidays)
