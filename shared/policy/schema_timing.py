"""The YAML of a policy pack that speaks of time: clocks, opening hours, messages and alerts."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Final, Literal

from pydantic import Field

from shared.policy.schema_forms import Code, Positive, Strict, Words
from shared.policy.timetable import Counting, Per, Start, Strength


class WithinEntry(Strict):
    """A length of time, in exactly one unit."""

    minutes: Positive | None = None
    hours: Positive | None = None
    weeks: Positive | None = None
    working_hours: Positive | None = None
    working_days: Positive | None = None
    counting: Counting = Counting.DAY_AFTER
    past_closing: bool = False


class EscalationEntry(Strict):
    """So long after a breach, which rung of the ladder hears of it."""

    after: WithinEntry
    rung: Annotated[int, Field(ge=0)]


PAGING_ESCALATION = (
    EscalationEntry(after=WithinEntry(hours=1), rung=1),
    EscalationEntry(after=WithinEntry(hours=4), rung=2),
)
"""[default] What pages is escalated day and night: the manager after an hour, the head of service after four."""
CALM_ESCALATION = (
    EscalationEntry(after=WithinEntry(working_hours=4), rung=1),
    EscalationEntry(after=WithinEntry(working_hours=12), rung=2),
)
"""[default] Everything else in working time, so that nobody is woken: half a working day, a day and a half."""


class TriggerEntry(Strict):
    """An event, and which of them by their attributes: any of the values, or (of what is several at once) all."""

    event: Code
    where: dict[str, tuple[str, ...]] = Field(default={})
    where_all: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default={})


class ClockEntry(Strict):
    """A clock: what starts, stops and cancels it, how long it runs, who is warned."""

    kind: Code
    name: Words
    starts_on: Annotated[tuple[TriggerEntry, ...], Field(min_length=1)]
    stops_on: Annotated[tuple[TriggerEntry, ...], Field(min_length=1)]
    cancels_on: tuple[TriggerEntry, ...] = ()
    again_on: tuple[TriggerEntry, ...] = ()
    within: WithinEntry
    beside: WithinEntry | None = None
    counts_from: Start
    per: Per
    warnings: tuple[Annotated[float, Field(gt=0, le=1)], ...] = (0.5, 0.8, 1.0)
    escalation: tuple[EscalationEntry, ...] | None = None
    pages: bool = False
    towards_referrer: bool = False
    outlives_closure: bool = False
    repeats: bool = False
    each_start: bool = False
    watched_if: Code | None = None
    place: Words
    strength: Strength
    default: bool = False


class MessageEntry(Strict):
    """Who is told what, when; only some messages may tell an outcome."""

    code: Code
    on: TriggerEntry
    referrer_kinds: tuple[Code, ...]
    template: Code
    tells_outcome: bool
    clock: Code | None = None
    place: Words
    default: bool = False


OF_EVENT: Final = "of_event"


class RungEntry(Strict):
    """One rung of the ladder of alerts: whom, and how long after the one below."""

    role: Code
    out_of_hours_role: Code
    after_minutes: Annotated[int, Field(ge=0)]


class AlertEntry(Strict):
    """What alerts staff, and on which rung it begins: a number, or the one that the event itself names."""

    code: Code
    on: TriggerEntry
    rung: Annotated[int, Field(ge=0)] | Literal["of_event"]
    template: Code


class CalendarEntry(Strict):
    """Opening hours and which holidays close it; working time is counted in it."""

    zone: Words
    holidays: Code
    hours: dict[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], tuple[time, time]
    ]
    default: bool = False
