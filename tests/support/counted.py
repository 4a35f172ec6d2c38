"""The month's measures, counted by hand from the lines that a simulation wrote: the standard library and nothing else.

It shares no code with the services, so that two ways of counting meet: `counted(lines, "2026-06", population=50_000)`.
Each referral, child and day is looked at for itself; nothing is kept up to date, nothing is clever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
BANK_HOLIDAYS = {
    date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 5), date(2025, 5, 26), date(2025, 8, 25), date(2025, 12, 25),
    date(2025, 12, 26), date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25),
    date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28),
}  # fmt: skip
"""England and Wales, as gov.uk publishes them."""
CLOSES = {0: time(17), 1: time(17), 2: time(17), 3: time(17), 4: time(16, 30)}
REFERRALS = {"s17_assessment", "s47_strategy_discussion"}
WORRYING_SCORES = {"medium", "high"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the month. Counts have no denominator."""

    value: Decimal | None
    numerator: int
    denominator: int | None = None


@dataclass(slots=True)
class Subject:
    """One subject that counts, and what became of it."""

    contact: str
    received: datetime
    kind: str
    birth_date: str | None
    nhs_number: str | None
    score: str | None
    decisions: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])
    milestones: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])
    left_out: bool = False
    """A linked duplicate, or closed without a decision."""

    @property
    def referred_on(self) -> date | None:
        """The day on which it became a referral, if it is one."""
        if not self.decisions or self.decisions[-1][1] not in REFERRALS:
            return None
        return min(london_day(at) for at, outcome in self.decisions if outcome in REFERRALS)

    @property
    def child(self) -> tuple[str, str] | None:
        """Who it is, where that is certain."""
        certain = self.nhs_number is not None and self.birth_date is not None and holds(self.nhs_number)
        return (self.nhs_number, self.birth_date) if certain else None  # type: ignore[return-value]


def counted(lines: Iterable[str], month: str, *, population: int | None = None) -> dict[str, Measure]:
    """Every measure of the month, by its code."""
    said = [json.loads(line) for line in lines]
    subjects, contacts = _read(said)
    end = moment(said[-1]["at"])

    def in_month(day: date | None) -> bool:
        return day is not None and f"{day:%Y-%m}" == month

    received = [one for one in subjects if in_month(london_day(one.received))]
    referred = [one for one in subjects if in_month(one.referred_on)]
    again = [one for one in referred if _had_been_referred(one, subjects)]
    started = [one for one in subjects if any(in_month(day) for day in _days(one, "s47_started"))]
    stepped = [one for one in subjects if any(in_month(day) for day in _days(one, "stepped_up"))]
    planned = [one for one in subjects if any(in_month(day) for day in _days(one, "plan_opened"))]
    return {
        "M1": _count(len(received)),
        "M1-C": _count(sum(in_month(london_day(at)) for at in contacts.values())),
        "M2": _count(len(referred)),
        "M3": _share(len(referred), len(received)),
        "M2-NI": _rate(len(referred), population),
        "M8-QL-24H": _in_time(received, end, elapsed_due),
        "M8-QL-1WD": _in_time(received, end, working_day_due),
        "M6-QL-N": _count(len(again)),
        "M6-QL": _share(len(again), len(referred)),
        "M4": _count(sum(one.decisions[-1][1] == "early_help" for one in stepped if one.decisions)),
        "M5": _count(sum(_exploited_teenager(one) for one in referred)),
        "CP1": _count(len(started)),
        "CP1-NI": _rate(len(started), population),
        "EH1": _count(len(planned)),
    }


def _read(said: list[dict[str, Any]]) -> tuple[list[Subject], dict[str, datetime]]:
    found: dict[str, Subject] = {}
    contacts: dict[str, datetime] = {}
    for line in said:
        match line["do"]:
            case "tell":
                received = contacts[line["contact"]] = moment(line["received_at"])
                for one in _who_counts(line["subjects"]):
                    found[one["subject_id"]] = Subject(
                        contact=line["contact"],
                        received=received,
                        kind=one["kind"],
                        birth_date=one["birth_date"],
                        nhs_number=one["nhs_number"],
                        score=one["exploitation_score"],
                    )
            case "decision" | "authorisation" if line["in_force"] and line["subject_id"] in found:
                found[line["subject_id"]].decisions.append((moment(line["at"]), line["outcome"]))
            case "milestone" if line["subject_id"] in found:
                found[line["subject_id"]].milestones.append((line["code"], moment(line["occurred_at"])))
            case "link":
                _leave_out(found, line["contact"])
            case "closure":
                _leave_out(found, line["contact"])
            case _:
                pass
    return list(found.values()), contacts


def _who_counts(subjects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in subjects if one["kind"] in ("child", "unborn")] or subjects[:1]


def _leave_out(found: dict[str, Subject], contact: str) -> None:
    """Linked or closed before there was a decision: of nobody can be said that it was late."""
    for one in found.values():
        if one.contact == contact and not one.decisions:
            one.left_out = True


def _days(subject: Subject, code: str) -> set[date]:
    return {london_day(at) for said, at in subject.milestones if said == code}


def _had_been_referred(subject: Subject, subjects: list[Subject]) -> bool:
    day = subject.referred_on
    if day is None or subject.child is None:
        return False
    return any(
        one.contact != subject.contact
        and one.child == subject.child
        and one.referred_on is not None
        and year_before(day) <= one.referred_on < day
        for one in subjects
    )


def year_before(day: date) -> date:
    """The same day a year ago; of the 29th of February, the 28th."""
    last = day.month == 2 and day.day == 29
    return date(day.year - 1, day.month, 28 if last else day.day)


def _exploited_teenager(subject: Subject) -> bool:
    if subject.score not in WORRYING_SCORES or subject.birth_date is None:
        return False
    born, day = date.fromisoformat(subject.birth_date), london_day(subject.received)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) >= 13


def _in_time(subjects: list[Subject], end: datetime, due: Any) -> Measure:
    judged = [one for one in subjects if not one.left_out and (one.decisions or due(one.received) < end)]
    met = sum(bool(one.decisions) and one.decisions[0][0] <= due(one.received) for one in judged)
    return _share(met, len(judged))


def elapsed_due(received: datetime) -> datetime:
    """24 hours by the clock."""
    return received + timedelta(hours=24)


def working_day_due(received: datetime) -> datetime:
    """Closing time of the first working day after the day of receipt."""
    day = london_day(received) + timedelta(days=1)
    while day.weekday() not in CLOSES or day in BANK_HOLIDAYS:
        day += timedelta(days=1)
    return datetime.combine(day, CLOSES[day.weekday()], LONDON).astimezone(UTC)


def moment(text: str) -> datetime:
    """A moment as JSON says it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def london_day(at: datetime) -> date:
    """The day that it was in London."""
    return at.astimezone(LONDON).date()


def holds(nhs_number: str) -> bool:
    """Does the check digit hold (modulus 11)?"""
    digits = [int(digit) for digit in nhs_number]
    check = 11 - sum(digit * (10 - at) for at, digit in enumerate(digits[:9])) % 11
    return len(digits) == 10 and check % 11 == digits[9]


def _count(number: int) -> Measure:
    return Measure(Decimal(number), number)


def _share(numerator: int, denominator: int) -> Measure:
    return Measure(_rounded(100 * numerator, denominator), numerator, denominator)


def _rate(number: int, population: int | None) -> Measure:
    return Measure(_rounded(10_000 * number, population), number, population)


def _rounded(number: int, by: int | None) -> Decimal | None:
    return (Decimal(number) / by).quantize(Decimal("0.01"), ROUND_HALF_UP) if by else None
