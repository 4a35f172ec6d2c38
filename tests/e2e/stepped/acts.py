"""The steps that the plays are made of, and the moments most of them turn on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .calendar import at, hours, working_days
from .play import RATIONALE, TOLD_AT, Act, Letter, act

AMBER = {"L4-SOP-CLOTHES": "yes"}
FRIDAY, MONDAY = working_days(1, TOLD_AT), at(2, 15, 9)
DAY_AFTER = hours(24, TOLD_AT)
TUESDAY = at(2, 16, 17)
EVERYBODY = ["childrens_services", "police", "health"]
EARLY_HELP: Mapping[str, Any] = {
    "outcome": "early_help",
    "level": 2,
    "lead": "Family hub",
    "reason_codes": ["needs_early_help"],
}
SIGNPOST: Mapping[str, Any] = {
    "outcome": "signpost",
    "level": 1,
    "reason_codes": ["needs_met_by_universal"],
    "service_codes": ["school_nurse"],
}
S17: Mapping[str, Any] = {"outcome": "s17_assessment", "level": 4, "reason_codes": ["threshold_s17"]}
S47: Mapping[str, Any] = {
    "outcome": "s47_strategy_discussion",
    "level": 4,
    "inquiry": "joint",
    "reason_codes": ["threshold_s47"],
}
OPEN_CASE: Mapping[str, Any] = {
    "outcome": "information_on_open_case",
    "level": 4,
    "team_code": "child_protection",
    "reason_codes": ["already_open"],
}


def later(hours_: float) -> datetime:
    """So many hours after everything was told."""
    return hours(hours_, TOLD_AT)


def opened(moment: datetime) -> Act:
    """Somebody looks."""
    return act(moment, "open")


def decided(moment: datetime, outcome: Mapping[str, Any], *, authorised: bool = False, **more: Any) -> tuple[Act, ...]:
    """The only child's decision, and a manager's authorisation where it takes one."""
    decision = act(moment, "decision", subject=1, rationale=f"{RATIONALE}.", **outcome, **more)
    return (decision, act(moment, "authorisation", subject=1)) if authorised else (decision,)


def closed(moment: datetime) -> Act:
    """The front door's work is done."""
    return act(moment, "closure", by="duty.manager", reason="completed")


def milestone(moment: datetime, code: str) -> Act:
    """What happened after hand-over."""
    return act(moment, "milestone", subject=1, code=code)


def checked(asked: datetime, answered: datetime) -> tuple[Act, Act]:
    """The police are asked, and answer."""
    why, who = "To tell one from the other.", "Duty officer"
    question: Mapping[str, Any] = {
        "agencies": ["police"],
        "asked": "What is known.",
        "why": why,
        "consent_reason": "It could raise the risk.",
    }
    answer: Mapping[str, Any] = {
        "agency": "police",
        "answer": "information",
        "answered_by": who,
        "what": "One call.",
        "why": why,
    }
    return act(asked, "check", subject=1, **question), act(answered, "check_answer", **answer)


def told(*letters: tuple[str, datetime]) -> tuple[Letter, ...]:
    """The letters that must have gone out."""
    return tuple(Letter(purpose=purpose, at=moment) for purpose, moment in letters)
