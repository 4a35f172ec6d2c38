"""From validated entries to the frozen pack. Every entry keeps its place until it has been checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shared.policy.build_clocks import build_clock, build_trigger
from shared.policy.condition_yaml import ConditionError, ConditionReader
from shared.policy.faults import Fault
from shared.policy.files import Entry, Files, plain_fields
from shared.policy.golden import GoldenCase, GoldenDecision, GoldenEvent
from shared.policy.levels import Branch, Level, Question
from shared.policy.measures import MeasureRule
from shared.policy.model import (
    Fallback,
    Fallbacks,
    Indicator,
    Outcome,
    Pack,
    Principle,
    Rating,
    Route,
    Rule,
)
from shared.policy.next_steps import Line, NextStep
from shared.policy.schema import HeaderEntry, RuleEntry
from shared.policy.schema_timing import OF_EVENT
from shared.policy.timetable import AlertRule, Calendar, ClockRule, MessageRule, Rung

K = TypeVar("K")
V = TypeVar("V")
WORD_LISTS = (
    "domains", "milestones", "flags", "advice", "reasons", "services", "agencies", "teams", "questions", "grounds",
    "withdrawals", "discussion_results", "leads", "guidance", "calls",
)  # fmt: skip
"""Sections of codes with their words."""
HEADING = ("id", "version", "title", "source", "status", "uses", "lowered_by")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def build(files: Files, faults: list[Fault]) -> Pack:
    """Build the pack; what cannot be built (conditions, durations, codes given twice) is added to `faults`."""
    header, fallbacks, calendar = files.single("pack"), files.single("fallbacks"), files.single("calendar")
    indicators = _coded(files, "indicators", lambda entry: entry.code, _indicator, faults)
    reader = ConditionReader({code: each.level for code, each in indicators.items()})
    return Pack(
        **_heading(header.value),
        content_hash=files.content_hash,
        fallbacks=Fallbacks(
            **{name: Fallback(**plain_fields(each)) for name, each in plain_fields(fallbacks.value).items()}
        ),
        calendar=_calendar(calendar),
        ratings=_coded(files, "ratings", lambda entry: entry.code, _same(Rating), faults),
        routes=_coded(files, "routes", lambda entry: entry.code, _same(Route), faults),
        outcomes=_coded(files, "outcomes", lambda entry: entry.code, _same(Outcome), faults),
        indicators=indicators,
        levels=_coded(files, "levels", lambda entry: entry.level, _level, faults),
        rules=_rules(files, reader, faults),
        principles=tuple(_coded(files, "principles", lambda entry: entry.id, _same(Principle), faults).values()),
        clocks=_coded(files, "clocks", lambda entry: entry.kind, _clock(files, faults), faults),
        messages=tuple(_coded(files, "messages", lambda entry: entry.code, _message, faults).values()),
        alerts=tuple(_coded(files, "alerts", lambda entry: entry.code, _alert, faults).values()),
        ladder=tuple(Rung(**plain_fields(entry.value)) for entry in files.entries("ladder")),
        **_proven_by(files),
        **_word_lists(files, faults),
        guidance_questions=tuple(
            _coded(files, "guidance_questions", lambda entry: entry.code, _same(Question), faults).values()
        ),
        next_steps=tuple(_coded(files, "next_steps", lambda entry: entry.code, _same(NextStep), faults).values()),
        measures=_coded(files, "measures", lambda entry: entry.code, _same(MeasureRule), faults),
        lines=_coded(files, "lines", lambda entry: entry.call, _same(Line), faults),
        quorums=_coded(files, "quorums", lambda entry: entry.discussion, lambda entry: entry.value.attendance, faults),
        out_of_hours_team=files.single("hub").value.out_of_hours_team,
    )


def _word_lists(files: Files, faults: list[Fault]) -> dict[str, Any]:
    return {name: _words(files, name, faults) for name in WORD_LISTS}


def _heading(entry: HeaderEntry) -> dict[str, Any]:
    return {**{name: getattr(entry, name) for name in HEADING}, "hit_policy": plain_fields(entry.hit_policy)}


def _coded(
    files: Files,
    section: str,
    key: Callable[[Any], K],
    make: Callable[[Entry[Any]], V | None],
    faults: list[Fault],
) -> dict[K, V]:
    built: dict[K, V] = {}
    for entry in files.entries(section):
        code = key(entry.value)
        if code in built:
            faults.append(entry.fault(f"{code} stands twice"))
        made = make(entry)
        if made is not None:
            built[code] = made
    return built


def _same(kind: Callable[..., V]) -> Callable[[Entry[Any]], V]:
    return lambda entry: kind(**plain_fields(entry.value))


def _words(files: Files, section: str, faults: list[Fault]) -> Mapping[str, str]:
    built: dict[str, str] = {}
    for code, entry in files.words(section):
        if code in built:
            faults.append(entry.fault(f"{code} stands twice"))
        built[code] = entry.value
    return built


def _level(entry: Entry[Any]) -> Level:
    fields = plain_fields(entry.value)
    fields["branches"] = tuple(Branch(**plain_fields(branch)) for branch in entry.value.branches)
    return Level(**fields)


def _indicator(entry: Entry[Any]) -> Indicator:
    fields = plain_fields(entry.value)
    return Indicator(place=fields.pop("source"), **fields)


def _rules(files: Files, reader: ConditionReader, faults: list[Fault]) -> tuple[Rule, ...]:
    def rule(entry: Entry[RuleEntry]) -> Rule | None:
        try:
            when = reader.read(entry.value.when, ("when",))
        except ConditionError as fault:
            faults.append(entry.fault(fault.problem, *fault.location))
            return None
        fields = plain_fields(entry.value)
        fields["when"] = when
        return Rule(**fields)

    return tuple(_coded(files, "rules", lambda entry: entry.id, rule, faults).values())


def _message(entry: Entry[Any]) -> MessageRule:
    fields = plain_fields(entry.value)
    fields |= {"on": build_trigger(entry.value.on), "referrer_kinds": frozenset(entry.value.referrer_kinds)}
    return MessageRule(**fields)


def _alert(entry: Entry[Any]) -> AlertRule:
    fields = plain_fields(entry.value)
    fields["on"] = build_trigger(entry.value.on)
    fields["rung"] = None if entry.value.rung == OF_EVENT else entry.value.rung
    return AlertRule(**fields)


def _clock(files: Files, faults: list[Fault]) -> Callable[[Entry[Any]], ClockRule | None]:
    rungs = sum(1 for _ in files.entries("ladder"))
    return lambda entry: build_clock(entry, faults, rungs=rungs)


def _calendar(entry: Entry[Any]) -> Calendar:
    fields = plain_fields(entry.value)
    hours = {WEEKDAYS.index(day) + 1: times for day, times in fields.pop("hours").items()}
    return Calendar(hours=hours, **fields)


def _proven_by(files: Files) -> dict[str, Any]:
    return {
        "golden": tuple(GoldenCase(**_case(entry)) for entry in files.entries("golden")),
        "golden_events": tuple(GoldenEvent(**_case(entry)) for entry in files.entries("golden_events")),
        "golden_decisions": tuple(GoldenDecision(**_case(entry)) for entry in files.entries("golden_decisions")),
    }


def _case(entry: Entry[Any]) -> dict[str, Any]:
    """A golden case's fields, with where it is written; several values of an attribute are a set."""
    fields, place = plain_fields(entry.value), entry.fault("")
    expected = plain_fields(fields.pop("expect"))
    if "attributes" in fields:
        said = fields["attributes"].items()
        fields["attributes"] = {name: frozenset(each) if isinstance(each, tuple) else each for name, each in said}
    return {**fields, **expected, "line": f"{place.file}:{place.line}"}
