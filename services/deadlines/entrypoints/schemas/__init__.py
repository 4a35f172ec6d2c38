"""What the deadlines service answers."""

from .breaches import BreachList, BreachOut, ExplanationIn, ExplanationOut
from .clocks import DeadlineList, DeadlineOut, EscalationOut, NextList, NextOut, Preview, PreviewOut, State, StepOut
from .watchdog import StuckContact, StuckOut, Watchdog

__all__ = [
    "BreachList",
    "BreachOut",
    "DeadlineList",
    "DeadlineOut",
    "EscalationOut",
    "ExplanationIn",
    "ExplanationOut",
    "NextList",
    "NextOut",
    "Preview",
    "PreviewOut",
    "State",
    "StepOut",
    "StuckContact",
    "StuckOut",
    "Watchdog",
]
