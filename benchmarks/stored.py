"""Stored facts for benchmarks: synthetic contacts with the sources, hours, siblings and worries of a real front door.

Shares: sources as the DfE publishes them for England (2024); most contacts are about one child, police bring siblings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from shared.policy.model import Pack

MONTH_BEGAN: Final = datetime(2026, 3, 1, tzinfo=UTC)
MINUTES: Final = 31 * 24 * 60
SOURCES: Final = {"police": 28, "school": 21, "health": 15, "council": 14, "family": 8, "other": 14}
REFERRERS: Final = {
    "police": "professional",
    "school": "involved_professional",
    "health": "involved_professional",
    "council": "professional",
    "family": "family",
    "other": "public",
}
CALM: Final = dict.fromkeys(("immediate_danger", "abuse_suspected", "significant_harm", "injury"), "no")
WORRIES: Final[dict[str, tuple[tuple[int, dict[str, str | int]], ...]]] = {
    "police": (
        (55, {"sees_domestic_abuse": "yes", "domestic_abuse_risk": "standard", "immediate_danger": "no"}),
        (20, {"sees_domestic_abuse": "yes", "domestic_abuse_risk": "medium"}),
        (10, {"sees_domestic_abuse": "yes", "domestic_abuse_risk": "high"}),
        (10, {"missing_episodes_90_days": 2, "missing_hours": 14, "exploitation_score": "medium"}),
        (5, {"abuse_suspected": "yes", "injury": "yes"}),
    ),
    "school": (
        (60, {**CALM, "attendance_percent": 84}),
        (30, {**CALM, "parent_asks_for_help": "yes"}),
        (10, {"abuse_suspected": "yes", "bruise_or_mark": "yes", "immediate_danger": "no"}),
    ),
    "health": (
        (60, {**CALM, "disabled": "yes", "disability_band": 2}),
        (33, {**CALM}),
        (7, {"bruise_or_mark": "yes", "independently_mobile": "no"}),
    ),
}
OTHERWISE: Final[tuple[tuple[int, dict[str, str | int]], ...]] = (
    (60, {}),
    (30, {**CALM, "parent_asks_for_help": "yes"}),
    (10, {"immediate_danger": "yes"}),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One contact as triage's query gives it: ``subjects`` is JSON, position and facts of each."""

    contact_id: UUID
    reference: str
    received_at: datetime
    subjects: str


def rows_of_a_month(pack: Pack, count: int, *, seed: int = 7) -> Iterator[Row]:
    """``count`` contacts of one month; the same ones for the same seed."""
    chance = Random(seed)
    codes = sorted(pack.indicators)
    for number in range(count):
        source = chance.choices([*SOURCES], [*SOURCES.values()])[0]
        siblings = chance.choices((1, 2, 3), (50, 30, 20) if source == "police" else (85, 10, 5))[0]
        yield Row(
            contact_id=UUID(int=number),
            reference=f"MASH-{number:06}",
            received_at=MONTH_BEGAN + timedelta(minutes=chance.randrange(MINUTES)),
            subjects=json.dumps([[at + 1, _facts(chance, source, codes)] for at in range(siblings)]),
        )


def _facts(chance: Random, source: str, codes: list[str]) -> dict[str, object]:
    shares = WORRIES.get(source, OTHERWISE)
    said = chance.choices([facts for _, facts in shares], [share for share, _ in shares])[0]
    ticked = chance.choices(codes, k=chance.choices((0, 1, 3, 6), (35, 30, 25, 10))[0])
    again = {"repeat_contacts_12_months": chance.randrange(1, 5)} if chance.random() < 0.22 else {}
    return {
        "kind": "child",
        "age_months": chance.randrange(216),
        "consent": chance.choice(("given", "refused", "not_sought")),
        "referrer_kind": REFERRERS[source],
        **said,
        **again,
        "indicators": {code: chance.choice(("yes", "yes", "no", "not_known")) for code in ticked},
    }
