"""The tables of the deadlines service."""

from .clocks import BREACHES, CONTACTS, DEADLINES, OCCURRENCES
from .measures import MEASURED, PUBLISHED
from .metadata import METADATA
from .operations import EVENT_LOG, EXPLANATIONS, HEARTBEATS

__all__ = [
    "BREACHES",
    "CONTACTS",
    "DEADLINES",
    "EVENT_LOG",
    "EXPLANATIONS",
    "HEARTBEATS",
    "MEASURED",
    "METADATA",
    "OCCURRENCES",
    "PUBLISHED",
]
