"""The tables of the deadlines service."""

from .clocks import BREACHES, CONTACTS, DEADLINES, OCCURRENCES
from .metadata import METADATA
from .operations import EVENT_LOG, EXPLANATIONS, HEARTBEATS

__all__ = ["BREACHES", "CONTACTS", "DEADLINES", "EVENT_LOG", "EXPLANATIONS", "HEARTBEATS", "METADATA", "OCCURRENCES"]
