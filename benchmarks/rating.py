"""Rating one subject by the policy pack, beside parsing the event that it came in."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.contacts import announced
from benchmarks.figures import Figure, Options, median
from services.triage.application.handlers.told import subjects_told
from shared.contracts.envelope import headers_of, read_event
from shared.contracts.intake import ContactReceived
from shared.contracts.topics import EVENTS
from shared.policy.evaluate import rate
from shared.policy.loader import load_pack
from shared.service import ROOT

EVENTS_A_ROUND = 600
ROUNDS = 9


async def run(options: Options) -> list[Figure]:
    """Median of nine rounds over 600 events with one subject each, in processor time."""
    del options
    pack = load_pack(ROOT / "policies")
    events = [announced(number) for number in range(EVENTS_A_ROUND)]
    records = [(headers_of(event), event.data.model_dump_json().encode()) for event in events]
    data = [event.data for event in events if isinstance(event.data, ContactReceived)]
    facts = [known for one in data for subject in subjects_told(one) if (known := subject.facts) is not None]
    parsing = _micros(lambda: [read_event(*record, EVENTS) for record in records])
    translating = _micros(lambda: [subjects_told(one) for one in data])
    rating = _micros(lambda: [rate(pack, one) for one in facts])
    size = sum(len(value) for _, value in records) // len(records)

    def beside_parsing(name: str, micros: float) -> Figure:
        return Figure(
            name=name,
            value=f"{micros:.0f} µs",
            beside=f"parsing its event ({size} bytes)",
            there=f"{parsing:.0f} µs",
            ratio=micros / parsing,
        )

    return [
        beside_parsing(f"rating one subject ({len(pack.rules)} rules)", rating),
        beside_parsing("a subject's facts out of the event", translating),
    ]


def _micros(work: Callable[[], object]) -> float:
    work()
    rounds: list[float] = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        rounds.append((time.process_time() - start) / EVENTS_A_ROUND * 1e6)
    return median(rounds)
