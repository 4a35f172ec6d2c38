"""Contacts as the API's page shows them. Everybody in them is invented."""

from __future__ import annotations

from typing import Any

EXAMPLE: dict[str, Any] = {
    "sender_reference": "HV-2026-118",
    "channel": "api",
    "incident_at": "2026-11-20T09:30:00Z",
    "referrer": {
        "kind": "involved_professional",
        "source_code": "3B",
        "name": "Priya Example",
        "role": "Health visitor",
        "email": "priya@example.org",
    },
    "subjects": [
        {
            "kind": "child",
            "given_name": "Rowan",
            "family_name": "Sample",
            "birth_date": "2026-09-05",
            "sex": "F",
            "facts": {"bruise_or_mark": "yes", "independently_mobile": "no"},
            "indicators": {"L4-BAS-BRUISE-NM": "yes"},
        }
    ],
    "consent": {"state": "not_sought", "why": "asking first could raise the risk"},
    "narrative": "A small round bruise on the left cheek, seen at the eight-week visit.",
}

FAMILY: dict[str, Any] = {
    "sender_reference": "PPN1-2207",
    "sender_grade": "high",
    "incident_at": "2026-11-20T01:10:00Z",
    "first_attempted_at": "2026-11-20T02:00:00Z",
    "incident_address": {"lines": ["Flat 3, 1 Specimen Street"], "postcode": "SO14 0AA"},
    "referrer": {
        "kind": "professional",
        "involved": "no",
        "source_code": "6",
        "name": "PC Alex Specimen",
        "role": "Response officer",
        "email": "public.protection@example.org",
        "phone": "01632 960002",
    },
    "domestic_abuse_risk": "high",
    "immediate_danger": "no",
    "facts": {"sees_domestic_abuse": "yes"},
    "subjects": [
        {
            "kind": "child",
            "given_name": "Jamie",
            "family_name": "Placeholder",
            "birth_date": "2015-03-02",
            "sex": "M",
            "nhs_number": "9991131191",
            "upn": "H801200001001",
            "ethnicity": "WBRI",
            "language": "English",
            "school": "Specimen Primary School",
            "household": "H-1",
            "disability": {"codes": ["AUT"], "band": 2},
            "missing_episodes": 1,
            "relationships": [
                {"to_subject": 2, "relationship_code": "sibling"},
                {"to_adult": 1, "relationship_code": "mother", "parental_responsibility": "yes"},
            ],
            "indicators": {"L4-BAS-BRUISE-NM": "not_known"},
        },
        {"kind": "unborn", "expected_date": "2027-02-01", "household": "H-1", "consent": {"state": "not_applicable"}},
    ],
    "adults": [
        {
            "given_name": "Kim",
            "family_name": "Placeholder",
            "relationship_code": "mother",
            "parental_responsibility": "yes",
            "phone": "07700 900123",
            "household": "H-1",
        }
    ],
    "consent": {"state": "not_sought", "by": "the officer", "why": "the victim was not safe to speak"},
    "narrative": "Neighbours called. The mother had been pushed against a wall; the boy was awake and crying.",
    "help_tried": "The officers gave the number of the helpline.",
    "attachments": ["evidence-system:2207/1"],
}

INFORMATION: dict[str, Any] = {
    "narrative": "The health visitor has seen the baby again: a second mark, on the right arm.",
    "subjects": [
        {"position": 1, "nhs_number": "9990000026", "facts": {"injury": "yes"}},
        {"kind": "child", "given_name": "Ash", "family_name": "Sample", "estimated_age_years": 3},
    ],
    "consent": {"state": "given", "by": "mother", "at": "2026-11-20T15:00:00Z"},
}
WITHDRAWAL: dict[str, Any] = {"reason_code": "wrong_person", "words": "It was the family next door."}
CHALLENGE: dict[str, Any] = {"ground": "facts_missed", "words": "The second mark was not mentioned in the answer."}
BATCH: dict[str, Any] = {
    "contacts": [
        {"idempotency_key": "night-2026-11-20-0001", "contact": FAMILY},
        {"idempotency_key": "night-2026-11-20-0002", "contact": {"narrative": "Shouting heard from flat 3."}},
    ]
}
