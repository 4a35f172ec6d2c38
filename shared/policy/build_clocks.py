"""From a validated clock entry to the frozen clock: its durations in one unit, its triggers, its escalation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.policy.faults import Fault
from shared.policy.files import Entry, plain_fields
from shared.policy.schema_timing import (
    CALM_ESCALATION,
    PAGING_ESCALATION,
    ClockEntry,
    EscalationEntry,
    TriggerEntry,
    WithinEntry,
)
from shared.policy.timetable import Basis, ClockRule, EscalationRule, Trigger, Within

TRIGGERS = ("starts_on", "stops_on", "cancels_on", "again_on")
"""A clock's fields that are lists of triggers."""


def build_clock(entry: Entry[ClockEntry], faults: list[Fault], *, rungs: int) -> ClockRule | None:
    """The clock; None, with a fault, where a duration is not in one unit. ``rungs`` is how many the ladder has."""
    given = entry.value
    within, beside = _within(given.within), _within(given.beside) if given.beside is not None else None
    wrong = [field for field, built in (("within", within), ("beside", beside)) if built is None]
    wrong = [field for field in wrong if getattr(given, field) is not None]
    escalation = _escalation(given, rungs)
    wrong += ["escalation"] if None in escalation else []
    if within is None or wrong:
        faults.append(entry.fault("a duration has one unit, and past_closing is of working hours", wrong[0]))
        return None
    fields: dict[str, Any] = {
        **plain_fields(given),
        "within": within,
        "beside": beside,
        "escalation": escalation,
        **{name: tuple(map(build_trigger, getattr(given, name))) for name in TRIGGERS},
    }
    return ClockRule(**fields)


def _escalation(given: ClockEntry, rungs: int) -> tuple[EscalationRule | None, ...]:
    """What the pack says or, where it says nothing, the default as far as the ladder reaches."""
    if given.escalation is not None:
        return tuple(map(_step, given.escalation))
    usual = PAGING_ESCALATION if given.pages else CALM_ESCALATION
    return tuple(_step(each) for each in usual if each.rung < rungs)


def _step(entry: EscalationEntry) -> EscalationRule | None:
    after = _within(entry.after)
    return EscalationRule(after, entry.rung) if after is not None else None


def build_trigger(entry: TriggerEntry) -> Trigger:
    """The trigger of an entry."""
    return Trigger(entry.event, _wanted(entry.where), _wanted(entry.where_all))


def _wanted(where: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(values)) for name, values in where.items())


def _within(entry: WithinEntry) -> Within | None:
    minutes = {"minutes": 1, "hours": 60, "weeks": 7 * 24 * 60}
    found = [
        Within(Basis.ELAPSED, getattr(entry, unit) * size) for unit, size in minutes.items() if getattr(entry, unit)
    ]
    if entry.working_hours:
        found.append(Within(Basis.WORKING_HOURS, entry.working_hours * 60, past_closing=entry.past_closing))
    if entry.working_days:
        found.append(Within(Basis.WORKING_DAYS, entry.working_days, entry.counting))
    if entry.past_closing and not entry.working_hours:
        return None
    return found[0] if len(found) == 1 else None
