"""The tables of the deadlines service."""

from .calendars import CALENDAR_MOVES, CALENDARS
from .clocks import BREACHES, CONTACTS, DEADLINES, OCCURRENCES
from .metadata import METADATA

__all__ = ["BREACHES", "CALENDARS", "CALENDAR_MOVES", "CONTACTS", "DEADLINES", "METADATA", "OCCURRENCES"]
