"""When the hub of the simulation is open: the pack's hours, the calendar's bank holidays."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from shared.policy.model import Pack

DAY = timedelta(days=1)


class Hours:
    """Opening hours in local time; every answer is in UTC."""

    def __init__(self, pack: Pack, calendars: Path) -> None:
        """Read the newest version of the pack's calendar under the folder `calendars`."""
        newest = max((calendars / pack.calendar.holidays).glob("*.yaml"), key=lambda path: int(path.stem))
        read = yaml.safe_load(newest.read_text(encoding="utf-8"))
        self._holidays = frozenset(date.fromisoformat(str(one["date"])) for one in read["holidays"])
        self._hours = pack.calendar.hours
        self.zone = ZoneInfo(pack.calendar.zone)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A local time as a moment."""
        return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        """The local time of a moment."""
        return at.astimezone(self.zone)

    def is_working_day(self, day: date) -> bool:
        """Is the hub open at all?"""
        return day.isoweekday() in self._hours and day not in self._holidays

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of a working day."""
        opens, closes = self._hours[day.isoweekday()]
        return self.at(day, opens.hour, opens.minute), self.at(day, closes.hour, closes.minute)

    def next_working_day(self, day: date) -> date:
        """The first one after `day`."""
        day += DAY
        while not self.is_working_day(day):
            day += DAY
        return day

    def due(self, received: datetime) -> datetime:
        """Closing time of the first working day after the local date of receipt."""
        return self.hours_of(self.next_working_day(self.local(received).date()))[1]

    def after(self, at: datetime, worked: timedelta) -> datetime:
        """The moment at which the hub has worked so long since `at`; without any, the next at which it is open."""
        day = self.local(at).date()
        if not self.is_working_day(day):
            day = self.next_working_day(day)
        while True:
            opens, closes = self.hours_of(day)
            begin = max(at, opens)
            if begin < closes and begin + worked < closes:
                return begin + worked
            worked -= max(timedelta(), closes - begin)
            worked = max(worked, timedelta())
            day = self.next_working_day(day)
