"""Which ratings rose above what had been decided: the subject must be decided again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from uuid import UUID

from services.deadlines.domain.model.occurrence import DECIDED, RATED, Occurrence

from .rulebook import Rulebook


def raised(rulebook: Rulebook, happened: Iterable[Occurrence]) -> frozenset[UUID]:
    """The ids of ratings that came after their subject's decision and ask for more than the rating before them.

    More is a more urgent rating or a higher outcome, by the pack's order; so is being rated at last what could not be.
    """
    ratings: dict[UUID | None, list[Occurrence]] = {}
    decisions: dict[UUID | None, list[Occurrence]] = {}
    for one in happened:
        if one.event == RATED:
            ratings.setdefault(one.subject_id, []).append(one)
        elif one.event == DECIDED:
            decisions.setdefault(one.subject_id, []).append(one)
    found: set[UUID] = set()
    for subject_id, decided in decisions.items():
        versions = sorted(ratings.get(subject_id, ()), key=lambda one: one.version)
        first = min(one.occurred_at for one in decided)
        found |= {
            now.id
            for before, now in pairwise(versions)
            if now.occurred_at > first and rulebook.asks_for_more(before, now)
        }
    return frozenset(found)
