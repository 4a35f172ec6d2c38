"""What the deadlines service answers."""

from .breaches import BreachList, BreachOut, ExplanationIn, ExplanationOut
from .clocks import DeadlineList, DeadlineOut, EscalationOut, NextList, NextOut, Preview, PreviewOut, State, StepOut
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
    "EscalationOut",
    "ExplanationIn",
    "ExplanationOut",
    "MeasureOut",
    "Measures",
    "NextList",
    "NextOut",
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
