"""What intake answers, as the API's page shows it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from .examples import EXAMPLE, INFORMATION, WITHDRAWAL

_ID = "0d5c9a4e-51b8-4b0a-9a4f-0f8a3f6b7c11"
_PATH = f"/v1/contacts/{_ID}"
_REFERENCE = "MASH-7K3P-2QF9-5"
_AT, _LATER = "2026-11-20T10:00:00Z", "2026-11-20T15:00:00Z"
_TELLING = "0b64a6cb-7f1c-4a3c-a2f5-0a7c0f1d2e3f"
_SUBJECT = "6a1f0a52-0c5e-4c55-9f3f-7f1f6f0f2b10"
_SUBJECTS = [{"subject_id": _SUBJECT, "position": 1}]

_ACCEPTED: dict[str, Any] = {
    "id": _ID,
    "reference": _REFERENCE,
    "received_at": _AT,
    "subjects": _SUBJECTS,
    "links": {"self": _PATH, **{name: f"{_PATH}/{name}" for name in ("timeline", "information", "challenge")}},
    "warnings": [
        {
            "pointer": "/subjects/0/nhs_number",
            "code": "unverified",
            "detail": "Its form or check digit does not hold; kept as unverified.",
        }
    ],
    "advice": ["If a child is in danger now, call 999."],
}
_ROW: dict[str, Any] = {
    "id": _ID,
    "reference": _REFERENCE,
    "received_at": _AT,
    "accepted_at": _AT,
    "stage": "opened",
}


def shown(example: dict[str, Any]) -> ConfigDict:
    """A model's configuration with its example."""
    return ConfigDict(json_schema_extra={"examples": [example]})


ACCEPTED = shown(_ACCEPTED)
BATCH_ANSWER = shown(
    {
        "results": [
            {"status": 201, "contact": _ACCEPTED, "problem": None},
            {
                "status": 422,
                "contact": None,
                "problem": {
                    "type": "urn:mash:problem:nobody_could_act",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "code": "nobody_could_act",
                    "detail": "Say whom you are worried about (subjects) or what about (narrative).",
                    "errors": [],
                },
            },
        ]
    }
)
CONTACT = shown(
    {
        **_ROW,
        "organisation": "health-visiting",
        "channel": "api",
        "subjects": _SUBJECTS,
        "told": EXAMPLE,
        "information": [{"id": _TELLING, "at": _LATER, "told": INFORMATION, "given_by": "partner"}],
        "withdrawals": [{"id": _TELLING, "at": _LATER, "told": WITHDRAWAL, "given_by": None}],
        "challenges": [],
    }
)
LIST = shown({"contacts": [_ROW]})
TIMELINE = shown(
    {
        "reference": _REFERENCE,
        "entries": [
            {"at": _AT, "what": "received"},
            {
                "at": _LATER,
                "what": "information_requested",
                "request_id": _TELLING,
                "questions": ["Who lives in the home, and how are they related to the child?"],
            },
        ],
    }
)
INFORMED = shown({"information_id": _TELLING, "added_at": _LATER, "subjects": _SUBJECTS, "warnings": []})
WITHDRAWN = shown({"withdrawal_id": _TELLING, "requested_at": _LATER})
CHALLENGED = shown({"challenge_id": _TELLING, "challenged_at": _LATER, "subject_ids": [_SUBJECT]})
RECIPIENT = shown(
    {
        "reference": _REFERENCE,
        "sender_reference": "HV-2026-118",
        "referrer_kind": "involved_professional",
        "addresses": [
            {"channel": "email", "address": "priya@example.org"},
            {"channel": "sms", "address": "+447700900123"},
        ],
    }
)
_PERSON = {"position": 1, "kind": "child", "name": "Rowan Sample", "birth_date": "2026-09-05"}
SUMMARIES = shown({"contacts": [{"id": _ID, "reference": _REFERENCE, "subjects": [_PERSON]}]})
TOKEN = shown({"access_token": "header.claims.signature", "token_type": "Bearer", "expires_in": 600})
ASKED_SUMMARIES: dict[str, Any] = {"contact_ids": [_ID]}
