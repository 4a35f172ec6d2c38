"""What deadlines keeps, and the rulebooks it computes with."""

from .claims import MOST_URGENT
from .contacts import DeadlinesUnitOfWork
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
