"""One subject's facts laid out for quick asking. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.policy.facts import ANSWERS, Answer, Facts, Kind

ADULT_MONTHS: Final = 18 * 12


@dataclass(frozen=True, slots=True)
class Reading:
    """Facts laid out for quick asking: which names were answered yes, which no."""

    facts: Facts
    yes: frozenset[str]
    no: frozenset[str]

    @classmethod
    def of(cls, facts: Facts) -> Reading:
        """Lay out one subject's facts; indicators and answers share one namespace (a pack may not reuse a name)."""
        yes = [code for code, answer in facts.indicators.items() if answer is Answer.YES]
        no = [code for code, answer in facts.indicators.items() if answer is Answer.NO]
        for name in ANSWERS:
            answer = getattr(facts, name)
            if answer is Answer.YES:
                yes.append(name)
            elif answer is Answer.NO:
                no.append(name)
        return cls(facts, frozenset(yes), frozenset(no))

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
