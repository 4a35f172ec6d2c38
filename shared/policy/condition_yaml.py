"""The condition language as it stands in YAML: one mapping with one key, checked against facts and indicators.

all, any: a list · yes, no, unless_yes: a name · any_yes: names
count_yes: {at_least, of | level} · none_yes: {of?, levels?}
at_least, over, under, at_most: {fact, is, or_unknown?} · is: {fact, one_of} · age: {under_years, from_months, ...}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from shared.policy.conditions import (
    Age,
    AnyOf,
    Compare,
    Condition,
    CountYes,
    Every,
    Is,
    No,
    NoneYes,
    Than,
    UnlessYes,
    Yes,
)
from shared.policy.facts import ANSWERS, CHOICES, NUMBERS, SCALES
from shared.policy.yaml_marks import Location


class ConditionError(Exception):
    """A condition that cannot be read; `location` is where in the file."""

    def __init__(self, location: Location, problem: str) -> None:
        super().__init__(problem)
        self.location = location
        self.problem = problem


class ConditionReader:
    """Reads conditions for one pack; knows its indicators by level."""

    def __init__(self, indicators: Mapping[str, int]) -> None:
        self._levels = indicators
        self._answered = frozenset(ANSWERS) | frozenset(indicators)
        self._readers: Mapping[str, Callable[[Any, Location], Condition]] = {
            "all": lambda value, at: Every(self._several(value, at)),
            "any": lambda value, at: AnyOf(self._several(value, at)),
            "yes": lambda value, at: Yes(self._name(value, at)),
            "no": lambda value, at: No(self._name(value, at)),
            "unless_yes": lambda value, at: UnlessYes(self._name(value, at)),
            "any_yes": lambda value, at: CountYes(self._names(value, at)),
            "none_yes": self._none,
            "count_yes": self._count,
            "is": self._is,
            "age": self._age,
            **{than.value: self._comparing(than) for than in Than},
        }

    def read(self, value: object, at: Location) -> Condition:
        """One condition; ConditionError names the place of what is wrong in it."""
        if not isinstance(value, dict) or len(value) != 1:
            raise ConditionError(at, "a condition is a mapping with one key")
        [(operator, inner)] = value.items()
        reader = self._readers.get(str(operator))
        if reader is None:
            raise ConditionError((*at, str(operator)), f"no such condition; one of {', '.join(sorted(self._readers))}")
        return reader(inner, (*at, str(operator)))

    def _several(self, value: Any, at: Location) -> tuple[Condition, ...]:
        if not isinstance(value, list) or not value:
            raise ConditionError(at, "a list of conditions, not empty")
        return tuple(self.read(each, (*at, index)) for index, each in enumerate(value))

    def _name(self, value: Any, at: Location) -> str:
        if value not in self._answered:
            raise ConditionError(at, f"no fact answered yes or no and no indicator is called {value}")
        return value

    def _names(self, value: Any, at: Location) -> frozenset[str]:
        if not isinstance(value, list) or not value:
            raise ConditionError(at, "a list of names, not empty")
        return frozenset(self._name(each, (*at, index)) for index, each in enumerate(value))

    def _none(self, value: Any, at: Location) -> Condition:
        given = _fields(value, at, required=set(), optional={"of", "levels"})
        names = self._names(given["of"], (*at, "of")) if "of" in given else frozenset[str]()
        levels = given.get("levels", [])
        if not isinstance(levels, list) or not set(self._levels.values()).issuperset(levels):
            raise ConditionError((*at, "levels"), "a list of levels that the indicators have")
        names |= {code for code, level in self._levels.items() if level in levels}
        if not names:
            raise ConditionError(at, "of (names), levels, or both")
        return NoneYes(names)

    def _count(self, value: Any, at: Location) -> Condition:
        given = _fields(value, at, required={"at_least"}, optional={"of", "level"})
        at_least = _whole(given["at_least"], (*at, "at_least"))
        if ("of" in given) == ("level" in given):
            raise ConditionError(at, "either of (names) or level")
        if "of" in given:
            names = self._names(given["of"], (*at, "of"))
        else:
            names = frozenset(code for code, level in self._levels.items() if level == given["level"])
        if not 1 <= at_least <= len(names):
            raise ConditionError((*at, "at_least"), f"between 1 and the {len(names)} names counted")
        return CountYes(names, at_least)

    def _comparing(self, than: Than) -> Callable[[Any, Location], Condition]:
        def read(value: Any, at: Location) -> Condition:
            given = _fields(value, at, required={"fact", "is"}, optional={"or_unknown"})
            fact, limit, or_unknown = given["fact"], given["is"], given.get("or_unknown", False) is True
            if fact in SCALES:
                if limit not in SCALES[fact]:
                    raise ConditionError((*at, "is"), f"one of {', '.join(SCALES[fact])}")
                return Compare.grade(fact, than, limit, or_unknown=or_unknown)
            if fact not in NUMBERS:
                raise ConditionError((*at, "fact"), f"no number or grade is called {fact}")
            return Compare(fact, than, _whole(limit, (*at, "is")), or_unknown)

        return read

    def _is(self, value: Any, at: Location) -> Condition:
        given = _fields(value, at, required={"fact", "one_of"})
        fact = given["fact"]
        if fact not in CHOICES:
            raise ConditionError((*at, "fact"), f"no fact with a choice is called {fact}; one of {', '.join(CHOICES)}")
        choices = {choice.value for choice in CHOICES[fact]} - {"not_known"}
        if not isinstance(given["one_of"], list) or not choices.issuperset(given["one_of"]):
            raise ConditionError((*at, "one_of"), f"a list out of {', '.join(sorted(choices))}")
        return Is(fact, frozenset(given["one_of"]))

    def _age(self, value: Any, at: Location) -> Condition:
        names = {f"{bound}_{unit}" for bound in ("under", "from") for unit in ("months", "years")}
        given = _fields(value, at, required=set(), optional=names | {"if_known"})
        months: dict[str, int] = {}
        for name in given.keys() & names:
            bound, unit = name.split("_")
            months[bound] = _whole(given[name], (*at, name)) * (12 if unit == "years" else 1)
        if not months:
            raise ConditionError(at, "an age needs a bound")
        return Age(months.get("under"), months.get("from"), given.get("if_known", False) is True)


def _fields(value: Any, at: Location, *, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConditionError(at, f"a mapping with {', '.join(sorted([*required, *optional]))}")
    given: dict[str, Any] = {str(key): each for key, each in value.items()}
    for name in required:
        if name not in given:
            raise ConditionError(at, f"{name} is missing")
    for name in given:
        if name not in required and name not in optional:
            raise ConditionError((*at, name), "unknown field")
    return given


def _whole(value: Any, at: Location) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConditionError(at, "a whole number")
    return value
