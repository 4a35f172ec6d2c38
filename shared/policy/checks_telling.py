"""Checks of who is told, who is alerted and what is measured against the pack's other parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from shared.policy.existing import exists, strings
from shared.policy.facts import ANSWERS, SCALES, ReferrerKind
from shared.policy.faults import Fault
from shared.policy.files import Entry, Files
from shared.policy.model import Pack
from shared.policy.schema_timing import OF_EVENT

NEVER_TOLD_AN_OUTCOME: Final = frozenset({ReferrerKind.PUBLIC.value, ReferrerKind.ANONYMOUS.value})
DELIVERED: Final = frozenset({"ReferrerAcknowledged", "ReferrerInformed"})
"""What is said when a message has been delivered: what may stop a clock that a message names."""
ESCALATION: Final = "DeadlineEscalated"
"""The one event that names the rung of the ladder whose turn it is."""


def check_telling(files: Files, pack: Pack) -> Iterator[Fault]:
    """Every fault of messages, alerts, escalations and measures."""
    yield from _messages(files, pack)
    yield from _rungs(files, pack)
    yield from _measures(files, pack)


def _messages(files: Files, pack: Pack) -> Iterator[Fault]:
    for entry in files.entries("messages"):
        yield from exists(entry, [kind.value for kind in ReferrerKind], "referrer_kinds")
        yield from exists(entry, pack.clocks, "clock")
        clock = pack.clocks.get(entry.value.clock or "")
        if clock is not None and not any(trigger.event in DELIVERED for trigger in clock.stops_on):
            yield entry.fault(f"being told it does not stop {entry.value.clock}", "clock")
        if entry.value.tells_outcome and NEVER_TOLD_AN_OUTCOME & set(strings(entry.value.referrer_kinds)):
            yield entry.fault("an outcome never reaches the public or an anonymous referrer", "referrer_kinds")


def _rungs(files: Files, pack: Pack) -> Iterator[Fault]:
    asked: list[tuple[Entry[Any], int, tuple[str | int, ...]]] = []
    for entry in files.entries("alerts"):
        if entry.value.rung != OF_EVENT:
            asked.append((entry, entry.value.rung, ("rung",)))
        elif entry.value.on.event != ESCALATION:
            yield entry.fault(f"only {ESCALATION} names a rung of its own", "rung")
    for entry in files.entries("clocks"):
        steps = enumerate(entry.value.escalation or ())
        asked += [(entry, step.rung, ("escalation", place, "rung")) for place, step in steps]
    for entry, rung, at in asked:
        if rung >= len(pack.ladder):
            yield entry.fault("the ladder has no such rung", *at)


def _measures(files: Files, pack: Pack) -> Iterator[Fault]:
    for entry in files.entries("measures"):
        yield from exists(entry, pack.milestones, "milestone")
        yield from exists(entry, pack.outcomes, "outcomes")
        for fact, answers in entry.value.facts.items():
            known = SCALES.get(fact, ("yes", "no") if fact in ANSWERS else ())
            yield from (entry.fault(f"{fact} is never {one}", "facts", fact) for one in answers if one not in known)
