"""The tables of the deadlines service."""

from .clocks import BREACHES, CONTACTS, DEADLINES, OCCURRENCES
from .metadata import METADATA

__all__ = ["BREACHES", "CONTACTS", "DEADLINES", "METADATA", "OCCURRENCES"]
