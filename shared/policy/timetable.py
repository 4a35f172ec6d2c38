"""The pack's timetable as frozen data: triggers, clocks, messages, alerts, calendar. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class Strength(StrEnum):
    """How firmly the published document says it; staff see it beside every reason."""

    EXPLICIT = "explicit"  # said in the document
    IMPLIED = "implied"  # follows from where it is listed
    EXTERNAL = "external"  # from another published procedure or statute
    DEFAULT = "default"  # the source is silent; shipped as a default, changeable in the pack


class Basis(StrEnum):
    """What a duration counts in."""

    ELAPSED = "elapsed"  # minutes by the clock, day and night
    WORKING_HOURS = "working_hours"  # minutes within opening hours
    WORKING_DAYS = "working_days"  # whole days of the calendar


class Counting(StrEnum):
    """How working days are counted."""

    DAY_AFTER = "day_after"  # due at closing time of the n-th working day after the local date of the start
    SAME_DAY = "same_day"  # the day of the start counts as day 1 if it is a working day
    SAME_CLOCK_TIME = "same_clock_time"  # as day_after, due at the time of day of the start


class Per(StrEnum):
    """What each single clock belongs to."""

    CONTACT = "contact"
    SUBJECT = "subject"
    REQUEST = "request"  # a check asked of an agency
    CHALLENGE = "challenge"


class Start(StrEnum):
    """Which moment a clock counts from."""

    RECEIVED = "received_at"
    OCCURRED = "occurred_at"  # when what the event tells took place
    DISCUSSION = "discussion_at"  # the strategy discussion that led to it; occurred_at when unknown


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event, and what its attributes must be. An attribute that is not listed may be anything."""

    event: str
    where: tuple[tuple[str, frozenset[str]], ...] = ()
    where_all: tuple[tuple[str, frozenset[str]], ...] = ()

    def met_by(self, event: str, attributes: Mapping[str, str | bool | int | frozenset[str] | None]) -> bool:
        """Does this event, with these attributes, pull the trigger? Booleans read "true"/"false"; a set matches
        ``where`` if any member does, ``where_all`` only if it holds every one that is asked for; an attribute the event
        does not have never matches.
        """
        if event != self.event:
            return False
        if not all(allowed & _texts(attributes.get(name)) for name, allowed in self.where):
            return False
        return all(needed <= _texts(attributes.get(name)) for name, needed in self.where_all)


def _texts(value: str | bool | int | frozenset[str] | None) -> frozenset[str]:  # noqa: FBT001 (a value read)
    if value is None:
        return frozenset()
    if isinstance(value, bool):
        return frozenset({"true" if value else "false"})
    return value if isinstance(value, frozenset) else frozenset({str(value)})


@dataclass(frozen=True, slots=True)
class Within:
    """A duration: `amount` is minutes for elapsed time and working hours, days for working days."""

    basis: Basis
    amount: int
    counting: Counting = Counting.DAY_AFTER
    past_closing: bool = False  # working hours once begun run on past closing time; they begin at opening only


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """So long after the breach, if it is still not met, this rung of the ladder hears of it."""

    after: Within
    rung: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One clock of the table: what starts it, what stops it, how long, and who hears of it."""

    kind: str
    name: str
    starts_on: tuple[Trigger, ...]
    stops_on: tuple[Trigger, ...]
    cancels_on: tuple[Trigger, ...]  # it no longer applies (closed without a decision, handed over)
    again_on: tuple[Trigger, ...]  # where it had been cancelled, this begins it anew
    within: Within
    counts_from: Start
    per: Per
    beside: Within | None  # the other reading, computed and shown beside it, never alarmed
    warnings: tuple[float, ...]  # shares of the time
    escalation: tuple[EscalationRule, ...]  # after the breach, in the order of the pack
    pages: bool
    towards_referrer: bool  # stays on a duplicate: every referrer is told
    outlives_closure: bool
    repeats: bool  # starts again each time it is stopped
    each_start: bool  # only what comes after its start ends it; the next start begins it anew
    watched_if: str | None  # the milestone feed it needs; None: always watched
    place: str
    strength: Strength
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRule:
    """Which event sends which template to which referrer. No rule for a kind of referrer: that kind is sent nothing."""

    code: str
    on: Trigger
    referrer_kinds: frozenset[str]
    template: str
    tells_outcome: bool  # refused by the loader for the public and for anonymous referrers
    clock: str | None  # the clock that its delivery stops
    place: str
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the paging ladder; out of hours another role may answer."""

    role: str
    out_of_hours_role: str
    after_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """Which event alerts which rung of the ladder; None: the rung that the event itself names."""

    code: str
    on: Trigger
    rung: int | None
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Conventions of working time; the holidays themselves are versioned data elsewhere, known here by name."""

    zone: str
    holidays: str
    hours: Mapping[int, tuple[time, time]]  # ISO weekday (Monday 1) -> opening, closing
    default: bool
