"""What deadlines keeps, and the rulebooks it computes with."""

from .contacts import MOST_URGENT, DeadlinesUnitOfWork
from .rulebooks import Rulebooks

__all__ = ["MOST_URGENT", "DeadlinesUnitOfWork", "Rulebooks"]
