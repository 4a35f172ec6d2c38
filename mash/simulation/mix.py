"""What a month looks like: who tells a front door, when, and how it ends. Figures of England and of one city."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Flow(StrEnum):
    """When a kind of sender sends."""

    NIGHT = "night"
    """Nights and weekends, and a batch in the morning of what the night brought: police."""
    SCHOOL = "school"
    """School days in term, most after lunch."""
    OFFICE = "office"
    """Working days."""
    ROUND_THE_CLOCK = "round_the_clock"
    """Day and night alike: hospitals."""
    WAKING = "waking"
    """From eight to ten in the evening, every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of sender: the national referral source, its share of all contacts (%), and how it tells."""

    code: str
    share: float
    flow: Flow
    kind: str
    """The kind of referrer."""
    organisation: str | None = None
    """Whose system posts it; None: a person telephones, and staff post it."""


SOURCES = (
    Source(code="6", share=28, flow=Flow.NIGHT, kind="professional", organisation="police"),
    Source(code="2A", share=18, flow=Flow.SCHOOL, kind="involved_professional", organisation="schools"),
    Source(code="2B", share=3, flow=Flow.SCHOOL, kind="involved_professional", organisation="education"),
    Source(code="3A", share=4, flow=Flow.OFFICE, kind="involved_professional", organisation="gp"),
    Source(code="3B", share=2, flow=Flow.OFFICE, kind="involved_professional", organisation="health-visiting"),
    Source(code="3C", share=1, flow=Flow.SCHOOL, kind="involved_professional", organisation="school-nursing"),
    Source(code="3D", share=1, flow=Flow.OFFICE, kind="professional", organisation="community-health"),
    Source(code="3E", share=4, flow=Flow.ROUND_THE_CLOCK, kind="professional", organisation="hospital-emergency"),
    Source(code="3F", share=3, flow=Flow.ROUND_THE_CLOCK, kind="involved_professional", organisation="hospital"),
    Source(code="4", share=2, flow=Flow.OFFICE, kind="professional", organisation="housing"),
    Source(code="5A", share=4, flow=Flow.OFFICE, kind="involved_professional", organisation="council"),
    Source(code="5B", share=3, flow=Flow.OFFICE, kind="professional", organisation="council"),
    Source(code="5C", share=2, flow=Flow.OFFICE, kind="professional", organisation="other-council"),
    Source(code="5D", share=5, flow=Flow.OFFICE, kind="involved_professional", organisation="early-help"),
    Source(code="7", share=3, flow=Flow.OFFICE, kind="professional", organisation="courts"),
    Source(code="8", share=6, flow=Flow.OFFICE, kind="professional", organisation="charities"),
    Source(code="1A", share=3, flow=Flow.WAKING, kind="family"),
    Source(code="1B", share=1.5, flow=Flow.WAKING, kind="public"),
    Source(code="1C", share=1, flow=Flow.WAKING, kind="family"),
    Source(code="1D", share=2.5, flow=Flow.WAKING, kind="public"),
    Source(code="9", share=3, flow=Flow.WAKING, kind="anonymous"),
)
"""England's shares: police 28, education 21, health 15, the authority 14, individuals 8; the rest is ours."""

HOURS: Mapping[Flow, tuple[int, ...]] = {
    Flow.NIGHT: (6, 6, 5, 4, 2, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7),
    Flow.SCHOOL: (0, 0, 0, 0, 0, 0, 0, 0, 2, 6, 6, 6, 5, 7, 10, 14, 6, 1, 0, 0, 0, 0, 0, 0),
    Flow.OFFICE: (0, 0, 0, 0, 0, 0, 0, 0, 3, 8, 9, 9, 6, 7, 8, 8, 7, 2, 0, 0, 0, 0, 0, 0),
    Flow.ROUND_THE_CLOCK: (3, 3, 2, 2, 1, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 4, 4, 3),
    Flow.WAKING: (0, 0, 0, 0, 0, 0, 0, 0, 3, 5, 6, 6, 5, 5, 6, 7, 7, 6, 6, 5, 4, 2, 0, 0),
}
"""How a day's contacts spread over its local hours."""
WEEKDAYS: Mapping[Flow, tuple[int, ...]] = {
    Flow.NIGHT: (9, 9, 9, 9, 11, 15, 14),
    Flow.SCHOOL: (9, 10, 10, 10, 11, 0, 0),
    Flow.OFFICE: (11, 10, 10, 10, 9, 0, 0),
    Flow.ROUND_THE_CLOCK: (10, 10, 10, 10, 10, 9, 9),
    Flow.WAKING: (10, 10, 10, 10, 10, 7, 7),
}
"""Monday to Sunday."""
WORKING_DAYS_ONLY = frozenset({Flow.SCHOOL, Flow.OFFICE})
IN_HOLIDAYS = 0.05
"""What is left of the schools' flow in their holidays."""
IN_BATCH = 0.55
"""The share of the police's night that comes in the morning's batch."""
NIGHT_HOURS = frozenset({22, 23, 0, 1, 2, 3, 4, 5})

S47, S17 = "s47_strategy_discussion", "s17_assessment"
REFERRALS = frozenset({S47, S17})
ENDS: Mapping[str, float] = {
    "early_help": 27,
    "signpost": 61,
    "information_on_open_case": 9,
    "transfer_to_other_authority": 3,
}
"""How contacts end that are no referral: their shares of these."""
S47_OF_REFERRALS = 0.40
STARTED = 0.85
"""Enquiries that are started, of the strategy discussions: about a third of all referrals."""
RE_REFERRED = 0.22
SIBLINGS = (0.62, 0.25, 0.10, 0.03)
"""One child, two, three, four."""


def is_term(day: date) -> bool:
    """Is it term in English schools, near enough: three half-terms' weeks, Christmas, Easter's fortnight and summer are
    not.
    """
    if (day.month, day.day) >= (7, 22) and (day.month, day.day) <= (9, 1):
        return False
    if (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 4):
        return False
    easter = _easter(day.year)
    if easter - timedelta(days=9) <= day <= easter + timedelta(days=7):
        return False
    half_terms = (date(day.year, 2, 19), date(day.year, 5, 28), date(day.year, 10, 29))
    return all(day.isocalendar()[:2] != one.isocalendar()[:2] for one in half_terms)


def _easter(year: int) -> date:
    """Easter Sunday (Gregorian computus, Butcher's form)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * i) // 451
    month, day = divmod(h + i - 7 * m + 114, 31)
    return date(year, month, day + 1)
