"""What a partner may see of others' counts: nobody may be told from them, neither alone nor by subtracting.

A count of 1 to 4 is withheld, and so is one that becomes 1 to 4 when the partner subtracts its own. What is withheld
could still be had from the total and what is shown: so the next smallest counts are withheld too, until those that are
withheld hold at least five children of others together. Where all of it is too few, nothing is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.deadlines.domain.model.endings import Endings

FEWEST = 5
"""Fewer people than this can be known by their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Counts as a partner may see them; None: withheld."""

    contacts: int
    children: int
    by_outcome: Mapping[str, int | None]
    by_level: Mapping[str, int | None]
    by_rating: Mapping[str, int | None]
    by_reason: Mapping[str, int | None]


def shown(endings: Endings) -> Shown:
    """All of it: to the hub, and to a partner of its own."""
    return Shown(
        contacts=endings.contacts,
        children=endings.children,
        by_outcome=dict(endings.by_outcome),
        by_level=dict(endings.by_level),
        by_rating=dict(endings.by_rating),
        by_reason=dict(endings.by_reason),
    )


def shown_to_partner(kind: Endings, own: Endings) -> Shown | None:
    """What a partner may see of its kind, its own included; None where the others are too few for anything."""
    if _few(kind.contacts, own.contacts) or _few(kind.children, own.children):
        return None
    return Shown(
        contacts=kind.contacts,
        children=kind.children,
        by_outcome=_withheld(kind.by_outcome, own.by_outcome),
        by_level=_withheld(kind.by_level, own.by_level),
        by_rating=_withheld(kind.by_rating, own.by_rating),
        by_reason=_withheld(kind.by_reason, own.by_reason),
    )


def _few(all_of_them: int, own: int) -> bool:
    return 0 < all_of_them < FEWEST or 0 < all_of_them - own < FEWEST


def _withheld(kind: Mapping[str, int], own: Mapping[str, int]) -> dict[str, int | None]:
    others = {code: number - own.get(code, 0) for code, number in kind.items()}
    hidden = {code for code, number in kind.items() if _few(number, own.get(code, 0))}
    for code in sorted(kind, key=lambda one: (others[one], one)):
        if not hidden or sum(others[one] for one in hidden) >= FEWEST:
            break
        hidden.add(code)
    return {code: None if code in hidden else number for code, number in kind.items()}
