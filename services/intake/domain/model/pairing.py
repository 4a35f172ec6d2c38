"""Which subject of another contact is which of this one: at most one for each, whoever else looks like them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from .matching import Comparison, Relation, Sameness, compare, relation
from .person import Person


class ProposalState(Enum):
    """What has become of the thought that two subjects are one child."""

    PROPOSED = "proposed"
    """For a person to answer."""
    IDENTIFIED = "identified"
    """The same valid NHS number and birth date, told after both had their child ids: as good as confirmed."""
    ACCEPTED = "accepted"
    """A person said that it is the same child."""
    REFUSED = "refused"
    """A person said that it is not."""


@dataclass(frozen=True, slots=True)
class Known:
    """One subject of one contact, opened."""

    subject_id: UUID
    contact_id: UUID
    child_id: str | None
    person: Person


@dataclass(frozen=True, slots=True)
class Pair:
    """One of this contact's subjects beside one of another's."""

    mine: Known
    theirs: Known
    comparison: Comparison

    @property
    def ends(self) -> frozenset[UUID]:
        """The two subjects, in no order."""
        return frozenset((self.mine.subject_id, self.theirs.subject_id))

    @property
    def same_id(self) -> bool:
        """True where both carry the same child id: nothing needs to be proposed."""
        return self.mine.child_id is not None and self.mine.child_id == self.theirs.child_id


@dataclass(frozen=True, slots=True)
class PairedUp:
    """What a look has found: ``same`` are the pairs taken to be one person, ``related`` all that belong together."""

    same: tuple[Pair, ...]
    related: tuple[tuple[Pair, Relation], ...]


def pair_up(
    mine: Sequence[Known],
    candidates: Mapping[UUID, Sequence[Known]],
    refused: Collection[frozenset[UUID]] = frozenset[frozenset[UUID]](),
) -> PairedUp:
    """Compares each subject with its ``candidates`` (by subject id); pairs a person has ``refused`` are not the same.

    A contact names nobody twice: one subject of it is at most one subject of another contact, the likelier pair first.
    That keeps twins apart who were told of together, however alike their names are.
    """
    pairs = [
        Pair(one, other, compare(one.person, other.person)) for one in mine for other in candidates[one.subject_id]
    ]
    likely = (pair for pair in pairs if pair.same_id or pair.comparison.sameness is not Sameness.NONE)
    same = _one_to_one(pair for pair in likely if pair.ends not in refused)
    taken = {(pair.mine.subject_id, pair.theirs.subject_id) for pair in same}
    related = [(pair, Relation.SAME_CHILD) for pair in same]
    for pair in pairs:
        found = relation(pair.mine.person, pair.theirs.person, pair.comparison.verdicts)
        if found is not None and (pair.mine.subject_id, pair.theirs.subject_id) not in taken:
            related.append((pair, found))
    return PairedUp(tuple(same), tuple(related))


def _one_to_one(pairs: Iterable[Pair]) -> list[Pair]:
    kept: list[Pair] = []
    taken: set[tuple[UUID, UUID]] = set()
    for pair in sorted(pairs, key=_likeliest_first):
        mine, theirs = pair.mine, pair.theirs
        ends = {(mine.subject_id, theirs.contact_id), (theirs.subject_id, mine.contact_id)}
        if not ends & taken:
            kept.append(pair)
            taken |= ends
    return kept


def _likeliest_first(pair: Pair) -> tuple[bool, bool, float, UUID, UUID]:
    confirmed = pair.comparison.sameness is Sameness.CONFIRMED
    return (
        not pair.same_id,
        not confirmed,
        -pair.comparison.score,
        pair.mine.subject_id,
        pair.theirs.subject_id,
    )
