"""The tables of the deadlines service."""

from .clocks import BREACHES, CONTACTS, DEADLINES, OCCURRENCES
from .measures import MEASURED, PUBLISHED
from .metadata import METADATA

__all__ = ["BREACHES", "CONTACTS", "DEADLINES", "MEASURED", "METADATA", "OCCURRENCES", "PUBLISHED"]
