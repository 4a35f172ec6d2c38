"""What is wrong with a rota, for the person who has just written it: a warning, never a refusal."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from services.notify.domain.model import DutyPeriod, Rota, role_of
from shared.policy.timetable import Calendar, Rung

AHEAD: Final = timedelta(days=7)
"""So far is looked ahead: a rota is rarely written for longer, and what lies further is looked at again."""
ONE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A code, the role it is about, and from when until when; no times where it is about no time."""

    code: str
    role: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def roles_of(ladder: Iterable[Rung]) -> tuple[str, ...]:
    """Every role that answers on some rung at some time, in the ladder's order."""
    return tuple(dict.fromkeys(role for rung in ladder for role in (rung.role, rung.out_of_hours_role)))


def without_team(ladder: Iterable[Rung], teams: Mapping[str, str]) -> tuple[str, ...]:
    """The roles whose alerts have no always-on address of their own to end at."""
    return tuple(role for role in roles_of(ladder) if role not in teams)


def doubts(
    rota: Rota, ladder: tuple[Rung, ...], calendar: Calendar, days_off: Container[date], now: datetime
) -> list[Doubt]:
    """Roles without a team's address; and in the week ahead when nobody present answers for a role whose turn it is,
    or more than one does (whose duty began last is alerted).
    """
    found = [Doubt(code="no_team_address", role=role) for role in without_team(ladder, rota.teams)]
    for role in roles_of(ladder):
        mine = [each for each in rota.periods if each.role == role and not each.absent]
        spans = list(_spans(mine, calendar, now))
        answers = [any(role_of(rung, calendar, start, days_off) == role for rung in ladder) for start, _ in spans]
        present = [sum(each.starts_at <= start < each.ends_at for each in mine) for start, _ in spans]
        gaps = [turn and people == 0 for turn, people in zip(answers, present, strict=True)]
        found += _joined("gap", role, spans, gaps)
        found += _joined("overlap", role, spans, [people > ONE for people in present])
    return found


def _spans(periods: list[DutyPeriod], calendar: Calendar, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The week ahead, cut wherever somebody's duty or the opening hours begin or end."""
    end = now + AHEAD
    cuts = {now, end}
    cuts |= {at for each in periods for at in (each.starts_at, each.ends_at) if now < at < end}
    zone = ZoneInfo(calendar.zone)
    first = now.astimezone(zone).date()
    for days in range(AHEAD.days + 1):
        day = first + timedelta(days=days)
        for hour in (time.min, *calendar.hours.get(day.isoweekday(), ())):
            at = datetime.combine(day, hour, zone)
            if now < at < end:
                cuts.add(at.astimezone(now.tzinfo))
    ordered = sorted(cuts)
    yield from pairwise(ordered)


def _joined(code: str, role: str, spans: list[tuple[datetime, datetime]], held: list[bool]) -> Iterator[Doubt]:
    """One warning for each unbroken stretch in which it holds."""
    begun: datetime | None = None
    for (start, end), holds in zip(spans, held, strict=True):
        if holds and begun is None:
            begun = start
        elif not holds and begun is not None:
            yield Doubt(code=code, role=role, starts_at=begun, ends_at=start)
            begun = None
        if begun is not None and end == spans[-1][1]:
            yield Doubt(code=code, role=role, starts_at=begun, ends_at=end)
