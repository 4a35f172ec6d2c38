"""The condition language of a policy pack: small frozen classes that read facts. Standard library only.

Each condition says whether it holds, which facts made it hold (the reasons staff see), and whether it rests on a
reassuring answer: such a condition may only stand in a rule whose route waits for a person to confirm it, which is
how "not known never lowers" and "a yes never lowers" hold by construction and not by luck.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from shared.policy.facts import LOW_IS_WORSE, PROTECTIVE, SCALES, Answer
from shared.policy.reading import Reading

Fired: TypeAlias = tuple[tuple[str, str], ...]
"""Names of facts and how they were answered."""


class Condition(Protocol):
    """What every condition answers."""

    def holds(self, reading: Reading) -> bool:
        """Is it so, on these facts?"""
        ...

    def fired(self, reading: Reading) -> Fired:
        """The facts that made it hold; only asked when it holds."""
        ...

    def reassuring(self) -> str | None:
        """The name of a fact whose reassuring answer this rests on, if any."""
        ...


@dataclass(frozen=True, slots=True)
class Yes:
    """A fact or indicator was answered yes."""

    name: str

    def holds(self, reading: Reading) -> bool:
        return self.name in reading.yes

    def fired(self, reading: Reading) -> Fired:
        return ((self.name, reading.answer(self.name)),)

    def reassuring(self) -> str | None:
        return self.name if self.name in PROTECTIVE else None


@dataclass(frozen=True, slots=True)
class No:
    """A fact or indicator was answered no. Silence is not a no."""

    name: str

    def holds(self, reading: Reading) -> bool:
        return self.name in reading.no

    def fired(self, reading: Reading) -> Fired:
        return ((self.name, reading.answer(self.name)),)

    def reassuring(self) -> str | None:
        return None if self.name in PROTECTIVE else self.name


@dataclass(frozen=True, slots=True)
class UnlessYes:
    """A fact was answered no, or not at all: for a protective fact, "not known" must not protect."""

    name: str

    def holds(self, reading: Reading) -> bool:
        return self.name not in reading.yes

    def fired(self, reading: Reading) -> Fired:
        return ((self.name, reading.answer(self.name)),)

    def reassuring(self) -> str | None:
        return None if self.name in PROTECTIVE else self.name


@dataclass(frozen=True, slots=True)
class CountYes:
    """At least so many of these were answered yes."""

    names: frozenset[str]
    at_least: int = 1

    def holds(self, reading: Reading) -> bool:
        if self.at_least == 1:
            return not self.names.isdisjoint(reading.yes)
        return len(self.names & reading.yes) >= self.at_least

    def fired(self, reading: Reading) -> Fired:
        return tuple((name, Answer.YES.value) for name in sorted(self.names & reading.yes))

    def reassuring(self) -> str | None:
        return next(iter(sorted(self.names & PROTECTIVE)), None)


@dataclass(frozen=True, slots=True)
class NoneYes:
    """None of these was answered yes; says nothing about what was not asked."""

    names: frozenset[str]

    def holds(self, reading: Reading) -> bool:
        return self.names.isdisjoint(reading.yes)

    def fired(self, reading: Reading) -> Fired:  # noqa: ARG002 (what was not said is no reason)
        return ()

    def reassuring(self) -> str | None:
        return next(iter(sorted(self.names - PROTECTIVE)), None)


class Than(StrEnum):
    """How a number or a grade is compared."""

    AT_LEAST = "at_least"
    OVER = "over"
    UNDER = "under"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Compare:
    """A number or a grade against a limit. Unknown does not hold, unless the rule says `or_unknown`."""

    name: str
    than: Than
    limit: int
    or_unknown: bool = False
    scale: tuple[str, ...] = field(default=())

    @classmethod
    def grade(cls, name: str, than: Than, grade: str, *, or_unknown: bool = False) -> Compare:
        """Compare a graded fact; ValueError for a grade the scale does not have."""
        return cls(name, than, SCALES[name].index(grade), or_unknown, SCALES[name])

    def holds(self, reading: Reading) -> bool:
        value = getattr(reading.facts, self.name)
        if self.scale:
            value = self.scale.index(value) if value in self.scale else None
        if value is None:
            return self.or_unknown
        match self.than:
            case Than.AT_LEAST:
                return value >= self.limit
            case Than.OVER:
                return value > self.limit
            case Than.UNDER:
                return value < self.limit
            case Than.AT_MOST:
                return value <= self.limit

    def fired(self, reading: Reading) -> Fired:
        value = getattr(reading.facts, self.name)
        return ((self.name, Answer.NOT_KNOWN.value if value is None else str(value)),)

    def reassuring(self) -> str | None:
        upwards = self.than in {Than.AT_LEAST, Than.OVER}
        return self.name if upwards == (self.name in LOW_IS_WORSE) else None


@dataclass(frozen=True, slots=True)
class Is:
    """A fact without order (kind, consent, referrer) is one of these; "not known" cannot be asked for."""

    name: str
    values: frozenset[str]

    def holds(self, reading: Reading) -> bool:
        return getattr(reading.facts, self.name) in self.values

    def fired(self, reading: Reading) -> Fired:
        return ((self.name, str(getattr(reading.facts, self.name))),)

    def reassuring(self) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class Age:
    """Age at the incident, in months: from (inclusive) up to under (exclusive).

    An age not known holds, because it might be so; unless the rule says `if_known`.
    """

    under: int | None = None
    at_least: int | None = None
    if_known: bool = False

    def holds(self, reading: Reading) -> bool:
        months = reading.months()
        if months is None:
            return not self.if_known
        return (self.under is None or months < self.under) and (self.at_least is None or months >= self.at_least)

    def fired(self, reading: Reading) -> Fired:
        months = reading.months()
        return (("age_months", Answer.NOT_KNOWN.value if months is None else str(months)),)

    def reassuring(self) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold."""

    conditions: tuple[Condition, ...]

    def holds(self, reading: Reading) -> bool:
        for condition in self.conditions:  # noqa: SIM110 (a plain loop is half the cost of all())
            if not condition.holds(reading):
                return False
        return True

    def fired(self, reading: Reading) -> Fired:
        return tuple(fact for condition in self.conditions for fact in condition.fired(reading))

    def reassuring(self) -> str | None:
        return next((name for each in self.conditions if (name := each.reassuring())), None)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds."""

    conditions: tuple[Condition, ...]

    def holds(self, reading: Reading) -> bool:
        for condition in self.conditions:  # noqa: SIM110 (as above)
            if condition.holds(reading):
                return True
        return False

    def fired(self, reading: Reading) -> Fired:
        return tuple(
            dict.fromkeys(fact for each in self.conditions if each.holds(reading) for fact in each.fired(reading))
        )

    def reassuring(self) -> str | None:
        return next((name for each in self.conditions if (name := each.reassuring())), None)
