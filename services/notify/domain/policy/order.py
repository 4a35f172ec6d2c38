"""Whose letters go first when many are due."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from shared.policy.timetable import Calendar

SCHOOLS: Final = frozenset({"2A"})
"""The department's code of a referral by a school (children in need census)."""
SCHOOL_ENDS: Final = time(15)
"""After it a school cannot act today: what it is to hear, it should hear before. Local time."""


def sources_first(calendar: Calendar, days_off: Container[date], now: datetime) -> frozenset[str]:
    """The sources of referral whose letters go before others' now: schools', on a school day until 15:00.

    Terms are not known here: every weekday that is no bank holiday counts as a school day.
    """
    local = now.astimezone(ZoneInfo(calendar.zone))
    school_day = local.isoweekday() in calendar.hours and local.date() not in days_off
    return SCHOOLS if school_day and local.time() < SCHOOL_ENDS else frozenset()
