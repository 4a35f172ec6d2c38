"""What deadlines keeps, and the rulebooks it computes with."""

from .contacts import MOST_URGENT, DeadlinesUnitOfWork
from .publications import add_publication, lock_month, published
from .rulebooks import Rulebooks
from .tallies import EARLIER_REFERRAL

__all__ = [
    "EARLIER_REFERRAL",
    "MOST_URGENT",
    "DeadlinesUnitOfWork",
    "Rulebooks",
    "add_publication",
    "lock_month",
    "published",
]
