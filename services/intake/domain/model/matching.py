"""Are these two the same person? Fields that agree, are near, differ or are missing; a score; never a merge.

The weights are log-odds in halves of a bit, rounded, set by hand and measured (benchmarks/matching.py): how much more
often a field is so in two records of one child than in records of two. Adding a field that agrees never lowers a score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from rapidfuzz.distance import OSA

from .index_keys import swapped
from .naming import close, same_person_may_have, telling
from .person import Person

_FULL_TERM_SLACK = timedelta(days=45)
"""How far a birth may lie from the date it was expected."""


class Verdict(Enum):
    """How one field of two records compares."""

    AGREES = "agrees"
    """The same, in whatever spelling."""
    NEAR = "near"
    """A slip of the pen, a short form, or fields swapped would explain it."""
    DIFFERS = "differs"
    """Both are told and nothing explains the difference."""
    MISSING = "missing"
    """One of them does not tell it: says nothing either way."""


class Sameness(Enum):
    """What the comparison says of two subjects."""

    CONFIRMED = "confirmed"
    """The same valid NHS number and birth date."""
    PROBABLE = "probable"
    """A proposal for a person."""
    NONE = "none"
    """Not the same, as far as it is told."""


class Relation(Enum):
    """What somebody of another contact is to a subject."""

    SAME_CHILD = "same_child"
    """The same person."""
    SIBLING = "sibling"
    """Another child of the same family name in the same home, or of the same parents."""
    HOUSEHOLD = "household"
    """Somebody of the same family name or parents in the same home."""
    SAME_HOME = "same_home"
    """Somebody told of at the same address."""


WEIGHTS: Mapping[str, tuple[float, float, float]] = {
    # field: agrees, near, differs
    "nhs_number": (18, 7, -7),
    "upn": (14, 5, -5),
    "birth_date": (8, 4.5, -9),
    "given_name": (5, 3.5, -12),
    "family_name": (5, 3.5, -3),
    "home": (6, 2, -1),
    "parents": (2, 1, -2),
    "sex": (0.5, 0, -4),
}
"""The fields in the order in which they are shown. A NEAR sex does not occur."""
PROBABLE_FROM = 13.0
_STEEPNESS = 3.0
_AT_LEAST = 0.5
_TWO_OF_THREE = 2
_CHILDREN = frozenset({"child", "unborn"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records side by side."""

    verdicts: Mapping[str, Verdict]
    score: float
    """0 to 1; from 0.5 on it is worth a person's look."""
    sameness: Sameness

    def fields(self, verdict: Verdict) -> tuple[str, ...]:
        """The fields that compare so, in their fixed order."""
        return tuple(field for field in WEIGHTS if self.verdicts[field] is verdict)


def compare(one: Person, other: Person) -> Comparison:
    """Compares two records; the order does not matter."""
    given, family = _names(one, other)
    verdicts = {
        "nhs_number": _nhs_numbers(one, other),
        "upn": _texts(one.upn, other.upn),
        "birth_date": _births(one, other),
        "given_name": given,
        "family_name": family,
        "home": _homes(one, other),
        "parents": _parents(one, other),
        "sex": _texts(one.sex, other.sex),
    }
    score = _score(verdicts)
    return Comparison(verdicts, score, _sameness(one, other, verdicts, score))


def points(verdicts: Mapping[str, Verdict]) -> float:
    """The sum of the weights."""
    places = {Verdict.AGREES: 0, Verdict.NEAR: 1, Verdict.DIFFERS: 2}
    told = ((field, verdict) for field, verdict in verdicts.items() if verdict is not Verdict.MISSING)
    return sum(WEIGHTS[field][places[verdict]] for field, verdict in told)


def _score(verdicts: Mapping[str, Verdict]) -> float:
    return 1 / (1 + math.exp((PROBABLE_FROM - points(verdicts)) / _STEEPNESS))


def _sameness(one: Person, other: Person, verdicts: Mapping[str, Verdict], score: float) -> Sameness:
    numbered = one.nhs_trusted and other.nhs_trusted and verdicts["nhs_number"] is Verdict.AGREES
    if numbered and verdicts["birth_date"] is Verdict.AGREES and not (one.unborn or other.unborn):
        return Sameness.CONFIRMED
    if {one.kind, other.kind} & _CHILDREN and "adult" in (one.kind, other.kind):
        return Sameness.NONE
    identified = Verdict.AGREES in (verdicts["nhs_number"], verdicts["upn"])
    if verdicts["given_name"] is Verdict.DIFFERS and not identified:
        return Sameness.NONE  # a twin, a sibling: everything else may agree
    return Sameness.PROBABLE if score >= _AT_LEAST else Sameness.NONE


def relation(one: Person, other: Person, verdicts: Mapping[str, Verdict]) -> Relation | None:
    """What two people who are not the same are to each other; None where nothing says they belong together."""
    alike = (Verdict.AGREES, Verdict.NEAR)
    same_family = verdicts["family_name"] in alike
    same_parents = verdicts["parents"] in alike
    at_home = verdicts["home"] is Verdict.AGREES
    together = at_home or (one.postcode is not None and one.postcode == other.postcode)
    both_children = {one.kind, other.kind} <= _CHILDREN
    if both_children and ((at_home and (same_family or same_parents)) or (same_parents and same_family and together)):
        return Relation.SIBLING
    if both_children and verdicts["parents"] is Verdict.AGREES and same_family and _two_parents(one, other):
        return Relation.SIBLING
    if at_home:
        return Relation.HOUSEHOLD if same_family or same_parents else Relation.SAME_HOME
    return None


def _two_parents(one: Person, other: Person) -> bool:
    return len(set(one.parents) & set(other.parents)) > 1


def _names(one: Person, other: Person) -> tuple[Verdict, Verdict]:
    """Given and family name; told in each other's field they are near, never more."""
    straight = (_given(one.given, other.given), _family(one.family, other.family))
    if Verdict.DIFFERS in straight and _same_words(one.given, other.family) and _same_words(one.family, other.given):
        return (Verdict.NEAR, Verdict.NEAR)
    return straight


def _same_words(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return bool(one) and bool(other) and (one == other or close("".join(one), "".join(other)))


def _given(one: tuple[str, ...], other: tuple[str, ...]) -> Verdict:
    one, other = _without_initials(one), _without_initials(other)
    if not one or not other:
        return Verdict.MISSING
    if one == other or "".join(one) == "".join(other):
        return Verdict.AGREES
    mine, theirs = telling(one), telling(other)
    if (len(mine) < len(one)) == (len(theirs) < len(other)) and mine[0] == theirs[0]:
        return Verdict.AGREES
    if one[0] == other[0] and 1 in (len(one), len(other)):
        return Verdict.NEAR  # Muhammad, and Muhammad Ali
    first = ((mine[0], name) for name in theirs), ((name, theirs[0]) for name in mine)
    likely = any(a == b or same_person_may_have(a, b) or close(a, b) for pairs in first for a, b in pairs)
    return Verdict.NEAR if likely or close("".join(one), "".join(other)) else Verdict.DIFFERS


def _without_initials(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in given if len(word) > 1)


def _family(one: tuple[str, ...], other: tuple[str, ...]) -> Verdict:
    if not one or not other:
        return Verdict.MISSING
    if one == other or "".join(one) == "".join(other):
        return Verdict.AGREES
    likely = any(a == b or close(a, b) for a in one for b in other) or close("".join(one), "".join(other))
    return Verdict.NEAR if likely else Verdict.DIFFERS


def _births(one: Person, other: Person) -> Verdict:
    if one.born is None or other.born is None:
        return Verdict.MISSING
    if one.unborn or other.unborn:
        return Verdict.NEAR if abs(one.born - other.born) <= _FULL_TERM_SLACK else Verdict.DIFFERS
    if one.born == other.born:
        return Verdict.AGREES
    return Verdict.NEAR if _slip(one.born, other.born) or swapped(one.born) == other.born else Verdict.DIFFERS


def _slip(one: date, other: date) -> bool:
    """Two of day, month and year agree, or it is the day before or after."""
    agree = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    return agree >= _TWO_OF_THREE or abs(one - other) <= timedelta(days=1)


def _nhs_numbers(one: Person, other: Person) -> Verdict:
    if not one.nhs_number or not other.nhs_number:
        return Verdict.MISSING
    trusted = one.nhs_trusted and other.nhs_trusted
    if one.nhs_number == other.nhs_number:
        return Verdict.AGREES if trusted else Verdict.NEAR
    near = not trusted and OSA.distance(one.nhs_number, other.nhs_number, score_cutoff=1) <= 1
    return Verdict.NEAR if near else Verdict.DIFFERS


def _texts(one: str | None, other: str | None) -> Verdict:
    if one is None or other is None:
        return Verdict.MISSING
    return Verdict.AGREES if one == other else Verdict.DIFFERS


def _homes(one: Person, other: Person) -> Verdict:
    if one.home is not None and one.home == other.home:
        return Verdict.AGREES
    if one.postcode is not None and one.postcode == other.postcode:
        return Verdict.NEAR
    told = all(person.home is not None or person.postcode is not None for person in (one, other))
    return Verdict.DIFFERS if told else Verdict.MISSING


def _parents(one: Person, other: Person) -> Verdict:
    if not one.parents or not other.parents:
        return Verdict.MISSING
    if set(one.parents) & set(other.parents):
        return Verdict.AGREES
    likely = any(
        (a[0] == b[0] or close(a[0], b[0])) and (a[1] == b[1] or close(a[1], b[1]))
        for a in one.parents
        for b in other.parents
    )
    return Verdict.NEAR if likely else Verdict.DIFFERS
