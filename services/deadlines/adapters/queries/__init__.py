"""What the routes, the watchdog and the firing loop's sleep read."""

from .breaches import list_breaches
from .clocks import Position, Row, deadlines_of, list_deadlines, seconds_to_next
from .watchdog import Stuck, count_stuck, list_stuck

__all__ = [
    "Position",
    "Row",
    "Stuck",
    "count_stuck",
    "deadlines_of",
    "list_breaches",
    "list_deadlines",
    "list_stuck",
    "seconds_to_next",
]
