"""Which of a pack's rules are worth asking: those that something was said about. Standard library only.

A condition that does not hold where nothing was said can only hold once something is said about a fact it reads. Most
subjects have a handful of facts and a pack has dozens of rules: looking up the rules by what was said is a third of the
cost of asking all of them, and gives the same answer (a property test compares the two).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from shared.policy.conditions import Age, AnyOf, Compare, Condition, CountYes, Every, Is, No, UnlessYes, Yes
from shared.policy.facts import Facts
from shared.policy.reading import Reading

SILENCE: Final = Reading.of(Facts())
"""Nothing was said."""
OF_AN_AGE: Final = frozenset({"kind", "age_months", "age_weeks"})
"""What an age is read from: an adult's and an unborn child's from their kind."""


class RuleIndex:
    """Conditions, found by the facts that could make them hold."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._always: list[int] = []
        self._by_name: dict[str, list[int]] = {}
        for number, condition in enumerate(conditions):
            names = needs(condition)
            if names is None:
                self._always.append(number)
            for name in names or ():
                self._by_name.setdefault(name, []).append(number)

    def worth_asking(self, said: Collection[str]) -> list[int]:
        """Numbers of the conditions that may hold where only these facts were said, in their order."""
        found = set(self._always)
        for name in said:
            numbers = self._by_name.get(name)
            if numbers is not None:
                found.update(numbers)
        return sorted(found)


def needs(condition: Condition) -> frozenset[str] | None:
    """Names of which something must be said about at least one before this can hold; None where it needs nothing."""
    names = _reads(condition)  # what cannot be told beforehand is asked always, and fails where it is asked
    return None if names is None or condition.holds(SILENCE) else names


def _reads(condition: Condition) -> frozenset[str] | None:
    names: frozenset[str] | None = None  # of a condition that nobody knows here: it is always asked
    match condition:
        case Yes(name) | No(name) | UnlessYes(name) | Compare(name) | Is(name):
            names = frozenset({name})
        case CountYes(several):
            names = several
        case Age():
            names = OF_AN_AGE
        case Every(conditions):
            needed = [each_needs for each in conditions if (each_needs := needs(each)) is not None]
            names = min(needed, key=len, default=None)
        case AnyOf(conditions):
            needed = [needs(each) for each in conditions]
            names = None if None in needed else frozenset[str]().union(*(each for each in needed if each is not None))
        case _:
            pass
    return names
