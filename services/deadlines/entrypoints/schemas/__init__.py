"""What the deadlines service answers."""

from .breaches import BreachList, BreachOut
from .clocks import DeadlineList, DeadlineOut, Preview, PreviewOut, State, StepOut
from .endings import CountOut, EndingsOut, OrganisationEndings, OrganisationLine, OrganisationList
from .measures import EarlierFigure, MeasureOut, Measures, SubjectBehind, SubjectsBehind
from .watchdog import StuckContact, StuckOut, Watchdog

__all__ = [
    "BreachList",
    "BreachOut",
    "CountOut",
    "DeadlineList",
    "DeadlineOut",
    "EarlierFigure",
    "EndingsOut",
    "MeasureOut",
    "Measures",
    "OrganisationEndings",
    "OrganisationLine",
    "OrganisationList",
    "Preview",
    "PreviewOut",
    "State",
    "StepOut",
    "StuckContact",
    "StuckOut",
    "SubjectBehind",
    "SubjectsBehind",
    "Watchdog",
]
