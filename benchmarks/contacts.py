"""The contacts that benchmarks post: synthetic, of several sizes, referrers and ratings."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from services.intake.entrypoints.schemas.contact import EXAMPLE
from shared.contracts.envelope import Event, EventData
from tests.support.builders_triage import received, told

REFERRERS = ("involved_professional", "professional", "family", "public", "anonymous")
FACTS: tuple[dict[str, str], ...] = (
    {"bruise_or_mark": "yes", "independently_mobile": "no"},
    {"immediate_danger": "yes"},
    {"parent_asks_for_help": "yes"},
    {"sees_domestic_abuse": "yes", "domestic_abuse_risk": "medium"},
    {"exploitation_score": "high"},
    {},
)


def contact(number: int) -> dict[str, Any]:
    """The n-th contact, of one to three subjects."""
    referrer = {**EXAMPLE["referrer"], "kind": REFERRERS[number % len(REFERRERS)]}
    subjects = [
        {**EXAMPLE["subjects"][0], "facts": FACTS[(number + at) % len(FACTS)], "indicators": {}}
        for at in range(1 + number % 3)
    ]
    return {**EXAMPLE, "referrer": referrer, "subjects": subjects, "sender_reference": str(number)}


_BODIES = tuple(json.dumps(contact(number)).encode() for number in range(30))


def body(number: int) -> bytes:
    """The n-th contact as it is sent; made beforehand, so that it costs the client nothing."""
    return _BODIES[number % len(_BODIES)]


def batch(number: int, *, size: int = 500) -> bytes:
    """A batch of new contacts, each under a key that was never used."""
    del number
    return json.dumps(
        {"contacts": [{"idempotency_key": str(uuid4()), "contact": contact(at)} for at in range(size)]}
    ).encode()


def announced(number: int, *, subjects: int = 1) -> Event[EventData]:
    """What intake says of a new contact with ``subjects`` subjects."""
    contact_id = uuid4()
    people = [told(contact_id, at + 1, facts=FACTS[(number + at) % len(FACTS)]) for at in range(subjects)]
    return received(contact_id, *people)
