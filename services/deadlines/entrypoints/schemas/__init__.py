"""What the deadlines service answers."""

from .breaches import BreachList, BreachOut
from .calendars import CalendarIn, CalendarList, CalendarOut, ClosedDayIn, ClosedDayOut, MoveOut, ProposalOut
from .clocks import DeadlineList, DeadlineOut, EscalationOut, Preview, PreviewOut, State, StepOut
from .watchdog import StuckContact, StuckOut, Watchdog

__all__ = [
    "BreachList",
    "BreachOut",
    "CalendarIn",
    "CalendarList",
    "CalendarOut",
    "ClosedDayIn",
    "ClosedDayOut",
    "DeadlineList",
    "DeadlineOut",
    "EscalationOut",
    "MoveOut",
    "Preview",
    "PreviewOut",
    "ProposalOut",
    "State",
    "StepOut",
    "StuckContact",
    "StuckOut",
    "Watchdog",
]
