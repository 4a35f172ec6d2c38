"""One subject's facts laid out for quick asking. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

from shared.policy.facts import ANSWERS, Answer, Facts, Kind

ADULT_MONTHS: Final = 18 * 12
_OF_THEIR_OWN: Final = tuple(
    each for each in fields(Facts) if each.name not in {*ANSWERS, "indicators", "unrecognised"}
)
_OTHERS: Final = tuple(each.name for each in _OF_THEIR_OWN)
"""Facts that are not answered yes or no."""
_UNSAID: Final = tuple(each.default for each in _OF_THEIR_OWN)
"""What each of them is where nothing was said."""
_answers_of: Final = attrgetter(*ANSWERS)
_others_of: Final = attrgetter(*_OTHERS)
_YES, _NOT_KNOWN = Answer.YES, Answer.NOT_KNOWN  # an enum's members are slow to come by


@dataclass(frozen=True, slots=True)
class Reading:
    """Facts laid out for quick asking: which names were answered yes, which no, about which anything was said."""

    facts: Facts
    yes: frozenset[str]
    no: frozenset[str]
    said: tuple[str, ...]

    @classmethod
    def of(cls, facts: Facts) -> Reading:
        """Lay out one subject's facts; indicators and answers share one namespace (a pack may not reuse a name)."""
        yes, no, said = list[str](), list[str](), list[str]()
        for answered in (facts.indicators.items(), zip(ANSWERS, _answers_of(facts), strict=True)):
            for name, answer in answered:
                if answer is not _NOT_KNOWN:
                    (yes if answer is _YES else no).append(name)
        for name, unsaid, value in zip(_OTHERS, _UNSAID, _others_of(facts), strict=True):
            if value != unsaid:
                said.append(name)
        return cls(facts, frozenset(yes), frozenset(no), (*said, *yes, *no))

    def answer(self, name: str) -> str:
        """How one name was answered."""
        if name in self.yes:
            return Answer.YES.value
        return Answer.NO.value if name in self.no else Answer.NOT_KNOWN.value

    def months(self) -> int | None:
        """Age in months at the incident, as low as the weeks allow; unborn is 0, an adult at least 18 years."""
        facts = self.facts
        if facts.age_months is not None:
            return facts.age_months
        if facts.age_weeks is not None:
            return facts.age_weeks * 7 // 31
        if facts.kind is Kind.UNBORN:
            return 0
        return ADULT_MONTHS if facts.kind is Kind.ADULT else None
