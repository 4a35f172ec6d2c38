"""What is told: the answers that a sender ticks, and how such contacts end under the default pack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from mash.simulation.mix import S17, S47

NO_DANGER = {"immediate_danger": "no"}
ANY_AGE = (0, 17)
UNDER_ONE, SCHOOL_AGE = (0, 0), (5, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """Answers about the first subject, and what staff must do before they can decide."""

    name: str
    outcome: str
    words: str
    weight: float = 1
    ages: tuple[int, int] = ANY_AGE
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    indicators: tuple[str, ...] = ()
    urgent: bool = False
    """Opened at once, day or night."""
    discussions: tuple[str, ...] = ()
    level: int | None = None
    reason: str = ""
    managers: int = 0
    """How many must agree, beside whoever decides."""
    green: bool = False
    """A manager confirms that no gathering is warranted."""
    milestone: str | None = None
    """Recorded before the discussion."""


_S47 = Worry(name="", outcome=S47, words="", discussions=("strategy",), reason="threshold_s47", managers=1, urgent=True)
_S17 = Worry(name="", outcome=S17, words="", reason="threshold_s17", managers=1)
_EARLY_HELP = Worry(name="", outcome="early_help", words="", reason="needs_early_help", level=2)
_SIGNPOST = Worry(name="", outcome="signpost", words="", reason="needs_met_by_universal")


ANSWERED_NO = {
    "immediate_danger": "no",
    "abuse_suspected": "no",
    "significant_harm": "no",
    "injury": "no",
    "bruise_or_mark": "no",
    "sees_domestic_abuse": "no",
    "domestic_abuse_risk": "standard",
}
ABUSE = {**NO_DANGER, "abuse_suspected": "yes"}
HIGH_RISK = {**NO_DANGER, "sees_domestic_abuse": "yes", "domestic_abuse_risk": "high"}
STANDARD_RISK = {**NO_DANGER, "sees_domestic_abuse": "yes", "domestic_abuse_risk": "standard"}
BRUISE = {**NO_DANGER, "bruise_or_mark": "yes", "independently_mobile": "no"}
OLDER = (11, 17)

WORRIES = (
    replace(_S47, name="abuse", weight=6, facts=ABUSE, words="A disclosure that nothing else explains."),
    replace(
        _S47,
        name="danger",
        facts={"immediate_danger": "yes"},
        words="Threats with a knife in the flat this hour.",
        discussions=("priority", "strategy"),
    ),
    replace(
        _S47,
        name="bruised baby",
        ages=UNDER_ONE,
        facts=BRUISE,
        words="A small round mark on a baby who does not crawl.",
        milestone="paediatric_assessment",
    ),
    replace(
        _S47,
        name="exploitation, high",
        weight=2,
        ages=OLDER,
        facts={**NO_DANGER, "exploitation_score": "high"},
        level=4,
        words="New clothes, two telephones, collected by adults.",
    ),
    replace(_S17, name="domestic abuse, high", weight=5, facts=HIGH_RISK, words="High risk; the children were awake."),
    replace(
        _S17,
        name="neglect",
        weight=3,
        indicators=("L4-SOP-CLOTHES",),
        facts=NO_DANGER,
        level=4,
        words="Unwashed for weeks, hungry on Mondays.",
    ),
    replace(_S17, name="missing", ages=OLDER, facts={**NO_DANGER, "missing_hours": 80}, words="Gone since Friday."),
    replace(
        _S17,
        name="exploitation, medium",
        weight=2,
        ages=OLDER,
        facts={**NO_DANGER, "exploitation_score": "medium"},
        level=4,
        words="Older friends, late nights, lifts in cars.",
    ),
    replace(
        _S17,
        name="homeless",
        ages=(16, 17),
        indicators=("L4-BAS-YP-HOMELESS",),
        facts=NO_DANGER,
        words="Told to leave home, sleeps at friends'.",
    ),
    replace(
        _S17,
        name="abuse not borne out",
        weight=0.5,
        facts=ABUSE,
        managers=2,
        urgent=True,
        discussions=("strategy",),
        words="A remark that was later explained.",
    ),
    replace(
        _EARLY_HELP,
        name="attendance",
        weight=3,
        ages=SCHOOL_AGE,
        facts={**NO_DANGER, "attendance_percent": 82},
        words="In school four days in five.",
    ),
    replace(
        _EARLY_HELP,
        name="weight",
        weight=2,
        indicators=("L2-HLT-WEIGHT",),
        facts=NO_DANGER,
        words="Overweight and tired; mother would welcome help.",
    ),
    replace(
        _EARLY_HELP,
        name="missing, pattern",
        ages=OLDER,
        facts={**NO_DANGER, "missing_episodes_90_days": 3},
        level=3,
        words="Three times in the term.",
    ),
    replace(
        _EARLY_HELP,
        name="exploitation, watched",
        weight=0.5,
        ages=OLDER,
        facts={**NO_DANGER, "exploitation_score": "medium"},
        level=3,
        words="Talked of new friends with money.",
    ),
    replace(
        _SIGNPOST,
        name="argument",
        weight=6,
        facts=STANDARD_RISK,
        words="Neighbours called; words only, children asleep.",
    ),
    replace(
        _SIGNPOST, name="unhappy", weight=3, facts=NO_DANGER, words="Quiet since the move; whom might they talk to?"
    ),
    replace(
        _SIGNPOST,
        name="asks for help",
        weight=2,
        facts={**ANSWERED_NO, "parent_asks_for_help": "yes"},
        green=True,
        words="Asks for a parenting programme.",
    ),
    replace(
        _SIGNPOST,
        name="no longer high",
        weight=0.2,
        facts=HIGH_RISK,
        managers=1,
        reason="concern_not_borne_out",
        words="High on paper; he has left and is in custody.",
    ),
    Worry(
        name="open case",
        outcome="information_on_open_case",
        facts={**STANDARD_RISK, "open_case": "yes"},
        reason="already_open",
        words="Seen by the worker last week; more of the same.",
    ),
    Worry(
        name="elsewhere",
        outcome="transfer_to_other_authority",
        facts=NO_DANGER,
        reason="lives_elsewhere",
        words="Stays with an aunt in another city.",
    ),
)
"""Every kind of worry. Exploitation is told by its score alone."""
UNBORN = replace(
    _S17,
    name="unborn",
    indicators=("L4-BAS-PREBIRTH",),
    facts=NO_DANGER,
    words="Missed most appointments; older children no longer live with her.",
)
ADULT = replace(
    _SIGNPOST,
    name="adult at high risk",
    facts={**NO_DANGER, "domestic_abuse_risk": "high"},
    reason="concern_not_borne_out",
    words="Threats to kill; no children in the household.",
)
NOBODY_NAMED = replace(
    _SIGNPOST, name="nobody named", reason="concern_not_borne_out", words="Screaming from flat 3 again."
)


def worry_for(chance: Random, outcome: str, ages: Sequence[int] | None = None, *, name: str | None = None) -> Worry:
    """Draw a worry that ends so: one that fits the first of `ages`, or the one of that `name`."""
    fit = [
        one
        for one in WORRIES
        if one.outcome == outcome
        and (ages is None or one.ages[0] <= ages[0] <= one.ages[1])
        and name in (None, one.name)
    ]
    return chance.choices(fit, [one.weight for one in fit])[0]
