"""When contacts come, and from whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from mash.simulation.hours import DAY, Hours
from mash.simulation.mix import (
    HOURS,
    IN_BATCH,
    IN_HOLIDAYS,
    NIGHT_HOURS,
    SOURCES,
    WEEKDAYS,
    WORKING_DAYS_ONLY,
    Flow,
    Source,
    is_term,
)

BATCH_AT = (6, 30)
"""When the night's batch of the police comes, by local time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A contact that comes `at` a moment (UTC)."""

    at: datetime
    source: Source
    in_batch: bool = False


def arrivals(chance: Random, hours: Hours, month: date, number: int) -> list[Arrival]:
    """So many contacts, all within the local month, by time.

    Shares of the sources are those of a month in term; where schools are closed the others take their place.
    """
    days = days_of(month)
    weights = {flow: [_weight(flow, day, hours) for day in days] for flow in Flow}
    shares = [one.share * _open_share(one.flow, days, weights[one.flow]) for one in SOURCES]
    found = [_one(chance, hours, source, days, weights[source.flow]) for source in _sources(chance, shares, number)]
    return sorted(found, key=lambda one: (one.at, one.source.code))


def days_of(month: date) -> list[date]:
    """The days of the month that begins at `month`."""
    return [day for day in (month + n * DAY for n in range(31)) if day.month == month.month]


def _sources(chance: Random, shares: Sequence[float], number: int) -> list[Source]:
    """Each source as often as its share says, by largest remainders: only when they come is chance."""
    exact = [share / sum(shares) * number for share in shares]
    counts = [int(one) for one in exact]
    rest = sorted(range(len(exact)), key=lambda at: counts[at] - exact[at])
    for at in rest[: number - sum(counts)]:
        counts[at] += 1
    found = [source for source, count in zip(SOURCES, counts, strict=True) for _ in range(count)]
    chance.shuffle(found)
    return found


def _weight(flow: Flow, day: date, hours: Hours) -> float:
    if flow in WORKING_DAYS_ONLY and not hours.is_working_day(day):
        return 0
    away = flow is Flow.SCHOOL and not is_term(day)
    return WEEKDAYS[flow][day.weekday()] * (IN_HOLIDAYS if away else 1)


def _open_share(flow: Flow, days: Sequence[date], weights: Sequence[float]) -> float:
    """How much of its usual flow a source has in this month: less where schools have holidays."""
    if flow is not Flow.SCHOOL:
        return 1
    usual = sum(WEEKDAYS[flow][day.weekday()] for day in days)
    return min(1.0, sum(weights) / usual * 1.08)


def _one(chance: Random, hours: Hours, source: Source, days: Sequence[date], weights: Sequence[float]) -> Arrival:
    day = chance.choices(days, weights)[0]
    hour = chance.choices(range(24), HOURS[source.flow])[0]
    at = hours.at(day, hour, chance.randrange(60)) + timedelta(seconds=chance.randrange(60))
    in_batch = source.flow is Flow.NIGHT and hour in NIGHT_HOURS and chance.random() < IN_BATCH
    if in_batch:
        at = _batch_after(hours, at, day if hour < BATCH_AT[0] else day + DAY, days[-1])
    return Arrival(at=at, source=source, in_batch=in_batch)


def _batch_after(hours: Hours, at: datetime, day: date, last: date) -> datetime:
    """The morning's batch; the last night of the month is sent before midnight, so that it is still this month's."""
    return hours.at(day, *BATCH_AT) if day <= last else max(at, hours.at(last, 23, 50))
