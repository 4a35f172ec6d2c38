"""Alerting staff: the ladder climbed until somebody has looked, and who of the rota is on duty."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.policy.timetable import Calendar, Rung

EMAIL: Final = "email"


@dataclass(slots=True, kw_only=True)
class Ladder:
    """The climb for one contact and one cause, in business time. ``next_at`` is None once it has ended."""

    contact_id: UUID
    cause: str
    template: str
    because: str
    started_at: datetime
    rung: int
    next_at: datetime | None
    correlation_id: UUID
    traceparent: str | None = None
    ended_at: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether the next rung is to be alerted."""
        return self.next_at is not None and self.next_at <= now

    def climb(self, rungs: tuple[Rung, ...]) -> int:
        """Goes one rung up and says which; the last rung ends the climb."""
        self.rung += 1
        self.next_at = next_rung_at(rungs, self.rung, self.started_at)
        return self.rung

    def end(self, at: datetime) -> None:
        """Somebody has looked: nobody else is alerted."""
        if self.ended_at is None:
            self.ended_at, self.next_at = at, None


def next_rung_at(rungs: tuple[Rung, ...], rung: int, started_at: datetime) -> datetime | None:
    """When the rung after ``rung`` is alerted: a rung's minutes count from the cause. None after the last."""
    if rung + 1 >= len(rungs):
        return None
    return started_at + timedelta(minutes=rungs[rung + 1].after_minutes)


def role_of(rung: Rung, calendar: Calendar, now: datetime, days_off: Container[date] = frozenset[date]()) -> str:
    """Which role answers on this rung now: out of hours, and on bank holidays, it may be another team."""
    local = now.astimezone(ZoneInfo(calendar.zone))
    hours = None if local.date() in days_off else calendar.hours.get(local.isoweekday())
    open_now = hours is not None and hours[0] <= local.time() < hours[1]
    return rung.role if open_now else rung.out_of_hours_role


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody is reached: a channel's name and the address on it."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPeriod:
    """One person on duty in one role, from ``starts_at`` until before ``ends_at`` (business time)."""

    id: UUID
    role: str
    address: str
    starts_at: datetime
    ends_at: datetime
    absent: bool
    channel: str = EMAIL
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Who is on duty, and for each role the team's e-mail address that is always on."""

    periods: tuple[DutyPeriod, ...] = ()
    teams: Mapping[str, str] = field(default_factory=dict[str, str])

    def team_of(self, role: str, *, otherwise: str) -> Reach:
        """Where the alerts to a role end; ``otherwise`` serves where the rota names no team for it."""
        return Reach(EMAIL, self.teams.get(role, otherwise))

    def person_of(self, role: str, now: datetime, *, channels: Container[str]) -> Reach | None:
        """How to reach who is on duty in ``role`` now, over one of these channels. None: the team serves."""
        return on_duty((each for each in self.periods if each.channel in channels), role, now)


def on_duty(periods: Iterable[DutyPeriod], role: str, now: datetime) -> Reach | None:
    """How to reach who is on duty in ``role`` now; an absent person is passed over and the next one of the role serves.

    Of several the one whose duty began last. None: the team address serves.
    """
    here = [each for each in periods if each.role == role and each.starts_at <= now < each.ends_at and not each.absent]
    latest = max(here, key=lambda each: (each.starts_at, str(each.id)), default=None)
    return Reach(latest.channel, latest.address) if latest else None
