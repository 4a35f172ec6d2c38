"""How the contacts of a month ended for the children in them: what a sender learns the thresholds from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

NOT_DECIDED, CLOSED_UNDECIDED, NOT_KNOWN = "not_decided", "closed_undecided", "not_known"

SOURCE_GROUPS = {
    "1": "Individuals: family, acquaintance, the child",
    "2": "Schools and education services",
    "3": "Health services",
    "4": "Housing",
    "5": "Local authority services",
    "6": "Police",
    "7": "Other legal agency",
    "8": "Other",
    "9": "Anonymous",
    "10": "Not known",
}
"""The groups of the Department for Education's referral source codes: 2 is 2A and 2B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Subjects of one sender for whom it ended in one way; ``kind`` is the group of the sender's source code."""

    organisation_id: str | None
    kind: str
    ended: str
    outcome: str | None
    level: int | None
    rating: str | None
    reasons: tuple[str, ...]
    received: bool
    stands_for_contact: bool
    number: int

    @property
    def how(self) -> str:
        """The outcome; where there is none, why not."""
        return self.outcome or (CLOSED_UNDECIDED if self.ended == "closed" else NOT_DECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """Of some senders together: contacts, children, and the children by what became of them."""

    contacts: int = 0
    children: int = 0
    by_outcome: Counter[str] = field(default_factory=Counter[str])
    by_level: Counter[str] = field(default_factory=Counter[str])
    by_rating: Counter[str] = field(default_factory=Counter[str])
    by_reason: Counter[str] = field(default_factory=Counter[str])


def together(endings: Iterable[Ending]) -> Endings:
    """Their sum. A child has one outcome, level and rating, and any number of reasons."""
    contacts = children = 0
    outcomes, levels, ratings, reasons = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for one in endings:
        contacts += one.number if one.stands_for_contact else 0
        if not one.received:
            continue
        children += one.number
        outcomes[one.how] += one.number
        levels[NOT_KNOWN if one.level is None else str(one.level)] += one.number
        ratings[one.rating or NOT_KNOWN] += one.number
        for reason in set(one.reasons):
            reasons[reason] += one.number
    return Endings(
        contacts=contacts,
        children=children,
        by_outcome=outcomes,
        by_level=levels,
        by_rating=ratings,
        by_reason=reasons,
    )


def kind_of(endings: Iterable[Ending], organisation_id: str) -> str | None:
    """The group under which an organisation sent most of its contacts; None where it sent none."""
    sent = Counter[str]()
    for one in endings:
        if one.organisation_id == organisation_id and one.stands_for_contact:
            sent[one.kind] += one.number
    return min(sent, key=lambda kind: (-sent[kind], kind), default=None)
