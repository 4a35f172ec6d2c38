"""What the routes, the watchdog and the firing loop's sleep read."""

from .breaches import Wanted, contact_of_breach, explanations_of, list_breaches
from .clocks import Position, Row, deadlines_of, list_deadlines, list_next, seconds_to_next
from .endings import endings_of
from .figures import count_overdue, count_unexplained, count_unopened, seconds_to_next_due
from .measures import count_forgotten, count_month, subjects_behind
from .watchdog import Stuck, count_stuck, list_stuck

__all__ = [
    "Position",
    "Row",
    "Stuck",
    "Wanted",
    "contact_of_breach",
    "count_forgotten",
    "count_month",
    "count_overdue",
    "count_stuck",
    "count_unexplained",
    "count_unopened",
    "deadlines_of",
    "endings_of",
    "explanations_of",
    "list_breaches",
    "list_deadlines",
    "list_next",
    "list_stuck",
    "seconds_to_next",
    "seconds_to_next_due",
    "subjects_behind",
]
