"""What the deadlines service answers."""

from .breaches import BreachList, BreachOut
from .clocks import DeadlineList, DeadlineOut, EscalationOut, Preview, PreviewOut, State, StepOut
from .watchdog import StuckContact, StuckOut, Watchdog

__all__ = [
    "BreachList",
    "BreachOut",
    "DeadlineList",
    "DeadlineOut",
    "EscalationOut",
    "Preview",
    "PreviewOut",
    "State",
    "StepOut",
    "StuckContact",
    "StuckOut",
    "Watchdog",
]
