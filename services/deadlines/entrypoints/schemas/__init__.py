"""What the deadlines service answers."""

from .breaches import BreachList, BreachOut
from .clocks import DeadlineList, DeadlineOut, Preview, PreviewOut, State, StepOut
from .watchdog import StuckContact, StuckOut, Watchdog

__all__ = [
    "BreachList",
    "BreachOut",
    "DeadlineList",
    "DeadlineOut",
    "Preview",
    "PreviewOut",
    "State",
    "StepOut",
    "StuckContact",
    "StuckOut",
    "Watchdog",
]
