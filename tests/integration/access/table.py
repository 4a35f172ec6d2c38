"""Every route of the four services: who may call it, and what a caller whom the door lets in is answered.

A new route fails the tests until it stands here. Writes name a contact that is not there (``{absent}``): an answer of
404 then says that the caller got in, and nothing changes from role to role.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.integration.access.door import ABSENT

ROLES = ("partner", "practitioner", "manager", "ops", "admin", "service")
STAFF = frozenset({"practitioner", "manager"})
WATCHERS = STAFF | {"ops"}
SENDERS = STAFF | {"partner"}
KEEPERS = frozenset({"manager", "admin"})
_NO_CALENDAR = "/v1/calendars/england-and-wales@999"
PARTNERS = frozenset({"partner"})
_ID = str(ABSENT)
_AT = "2026-11-20T10:00:00Z"
_LETTER = "We have your message {{ reference }}\nThank you. Our reference: {{ reference }}\n"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``roles`` None: everybody, token or not. ``path`` and ``body`` make a request that is right in form."""

    roles: frozenset[str] | None
    status: int
    path: str | None = None
    body: dict[str, Any] | None = None


def open_to_all(status: int = 200, **request: Any) -> Rule:
    return Rule(roles=None, status=status, **request)


def only(roles: frozenset[str], status: int = 200, **request: Any) -> Rule:
    return Rule(roles=roles, status=status, **request)


OPERATIONS = {
    "GET /livez": open_to_all(),
    "GET /readyz": open_to_all(),
    "GET /metrics": open_to_all(),
    "GET /version": open_to_all(),
}


def _case(action: str, roles: frozenset[str], body: dict[str, Any] | None = None) -> Rule:
    return only(roles, 404, path=f"/v1/triage/{_ID}/{action}", body=body)


def _told(action: str, body: dict[str, Any]) -> Rule:
    return only(SENDERS, 404, path=f"/v1/contacts/{_ID}/{action}", body=body)


TABLE: dict[str, dict[str, Rule]] = {
    "intake": {
        **OPERATIONS,
        "POST /v1/contacts": only(SENDERS, 201, body={"narrative": "A worry."}),
        "POST /v1/contacts/batch": only(
            SENDERS, 200, body={"contacts": [{"idempotency_key": "k", "contact": {"narrative": "A worry."}}]}
        ),
        "GET /v1/contacts": only(SENDERS),
        "GET /v1/contacts/{contact_id}": only(SENDERS),
        "GET /v1/contacts/{contact_id}/timeline": only(SENDERS),
        "POST /v1/contacts/{contact_id}/information": _told("information", {"narrative": "Seen again."}),
        "POST /v1/contacts/{contact_id}/withdrawal": _told("withdrawal", {"reason_code": "wrong_person"}),
        "POST /v1/contacts/{contact_id}/challenge": _told("challenge", {"ground": "new_risk", "words": "It is worse."}),
        "POST /v1/contacts/summaries": only(STAFF, body={"contact_ids": [_ID]}),
        "GET /v1/contacts/{contact_id}/recipient": only(frozenset({"service"})),
        "POST /v1/contacts/{contact_id}/erasure": only(
            frozenset({"admin"}), 404, path=f"/v1/contacts/{_ID}/erasure", body={"reason_code": "retention_ended"}
        ),
        "GET /v1/contacts/{contact_id}/links": only(STAFF),
        "POST /v1/contacts/{contact_id}/links": only(
            STAFF,
            404,
            path=f"/v1/contacts/{_ID}/links",
            body={"other_contact_id": _ID, "relation": "related", "reason_code": "same_family", "reason": "Cousins."},
        ),
        "DELETE /v1/contacts/{contact_id}/links/{link_id}": only(
            STAFF, 404, path=f"/v1/contacts/{_ID}/links/{_ID}", body={"reason_code": "wrong", "reason": "Another."}
        ),
        "POST /v1/children/matches": only(STAFF, body={"person": {"family_name": "Nobody-Here"}}),
        "POST /v1/children/matches/answers": only(
            STAFF, 404, body={"subject_id": _ID, "other_subject_id": _ID, "same": True, "reason": "Said so."}
        ),
        "GET /v1/guidance": only(SENDERS),
        "GET /v1/guidance/{framework}": only(SENDERS),
        "POST /v1/guidance/check": only(SENDERS, body={"kind": "child"}),
        "GET /v1/code-sets": only(SENDERS),
        "POST /v1/token": open_to_all(400),
        "GET /.well-known/jwks.json": open_to_all(),
        "POST /development/token": open_to_all(body={"role": "ops"}),
        "GET /development/jwks.json": open_to_all(),
    },
    "triage": {
        **OPERATIONS,
        "GET /v1/triage": only(STAFF),
        "GET /v1/triage/{contact_id}": only(STAFF),
        "GET /v1/triage/{contact_id}/history": only(STAFF),
        "GET /v1/policies": only(STAFF | {"admin"}),
        "GET /v1/policies/{policy_id}": only(STAFF | {"admin"}),
        "POST /v1/policies/{policy_id}/backtest": only(
            frozenset({"manager", "admin"}), body={"against": "southampton-pathways-2021@1"}
        ),
        "POST /v1/triage/{contact_id}/open": _case("open", STAFF),
        "POST /v1/triage/{contact_id}/rating": _case(
            "rating", STAFF, {"subject_id": _ID, "route": "amber", "reason": "Seen again."}
        ),
        "POST /v1/triage/{contact_id}/discussions": _case(
            "discussions",
            STAFF,
            {"kind": "strategy", "held_at": _AT, "attended": ["police"], "subject_ids": [_ID], "minutes": "Agreed."},
        ),
        "GET /v1/triage/{contact_id}/checks": only(STAFF),
        "POST /v1/triage/{contact_id}/discussions/{discussion_id}/held": _case(
            f"discussions/{_ID}/held", STAFF, {"held_at": _AT, "attended": ["police"], "minutes": "Agreed."}
        ),
        "POST /v1/triage/{contact_id}/assignments": _case(
            "assignments", STAFF, {"team": "mash", "worker": "me", "note": "Mine."}
        ),
        "POST /v1/triage/{contact_id}/checks": _case(
            "checks",
            STAFF,
            {
                "agencies": ["police"],
                "subjects": [{"subject_id": _ID, "why": "An injury."}],
                "asked": "What is known?",
                "consent_reason": "Risk.",
            },
        ),
        "POST /v1/triage/{contact_id}/checks/{check_id}/answer": _case(
            f"checks/{_ID}/answer",
            STAFF,
            {"answer": "refused", "answered_at": _AT, "answered_by": "Duty sergeant", "what": "No.", "why": "None."},
        ),
        "POST /v1/triage/{contact_id}/checks/{check_id}/chases": _case(
            f"checks/{_ID}/chases", STAFF, {"chased_at": _AT, "how": "phone"}
        ),
        "POST /v1/triage/{contact_id}/information-requests": _case(
            "information-requests", STAFF, {"question_codes": ["who_lives_there"]}
        ),
        "POST /v1/triage/{contact_id}/decision": _case(
            "decision", STAFF, {"subject_id": _ID, "outcome": "early_help", "rationale": "The school can lead."}
        ),
        "POST /v1/triage/{contact_id}/authorisation": _case(
            "authorisation", frozenset({"manager"}), {"subject_id": _ID, "agreed": True}
        ),
        "POST /v1/triage/{contact_id}/milestones": _case(
            "milestones", STAFF | {"service"}, {"subject_id": _ID, "code": "child_seen", "occurred_at": _AT}
        ),
        "POST /v1/triage/{contact_id}/closure": _case("closure", STAFF, {"reason": "completed", "note": "Done."}),
        "POST /v1/triage/{contact_id}/reopening": _case("reopening", STAFF, {"reason": "other", "note": "Seen again."}),
        "POST /v1/triage/{contact_id}/challenges/{challenge_id}/answer": _case(
            f"challenges/{_ID}/answer",
            frozenset({"manager"}),
            {"result": "upheld", "answer": "Nobody had asked."},
        ),
    },
    "deadlines": {
        **OPERATIONS,
        "GET /v1/deadlines": only(WATCHERS),
        "GET /v1/deadlines/next": only(WATCHERS),
        "GET /v1/deadlines/stream": only(WATCHERS),  # ends as it begins: nobody reads for it here
        "GET /v1/deadlines/preview": only(WATCHERS, path=f"/v1/deadlines/preview?route=amber&received_at={_AT}"),
        "GET /v1/contacts/{contact_id}/deadlines": only(WATCHERS),
        "GET /v1/breaches": only(WATCHERS),
        "POST /v1/breaches/{breach_id}/explanation": only(
            STAFF, 404, path=f"/v1/breaches/{_ID}/explanation", body={"cause": "demand", "note": "Two were ill."}
        ),
        "GET /v1/watchdog": only(WATCHERS),
        "GET /v1/calendars": only(WATCHERS | {"admin"}),
        "GET /v1/calendars/{ref}": only(WATCHERS | {"admin"}, path="/v1/calendars/england-and-wales@1"),
        "POST /v1/calendars": only(KEEPERS, 422, body={"remove": ["2026-11-20"]}),
        "POST /v1/calendars/{ref}/approval": only(KEEPERS, 404, path=f"{_NO_CALENDAR}/approval"),
        "POST /v1/calendars/{ref}/rejection": only(KEEPERS, 404, path=f"{_NO_CALENDAR}/rejection"),
        "GET /v1/measures/{month}": only(WATCHERS, path="/v1/measures/2024-01"),
        "GET /v1/measures/{month}/{code}": only(WATCHERS, path="/v1/measures/2024-01/M2"),
        "GET /v1/measures/{month}/organisations": only(
            WATCHERS | {"partner"}, path="/v1/measures/2024-01/organisations"
        ),
        "GET /v1/measures/{month}/organisations/{organisation_id}": only(
            WATCHERS | {"partner"}, 404, path="/v1/measures/2024-01/organisations/nobody"
        ),
    },
    "notify": {
        **OPERATIONS,
        "GET /v1/notifications": only(WATCHERS),
        "GET /v1/notifications/{notification_id}": only(WATCHERS),
        "POST /v1/notifications/{notification_id}/resend": only(STAFF, 404, path=f"/v1/notifications/{_ID}/resend"),
        "POST /v1/contacts/{contact_id}/told": only(
            STAFF, 404, path=f"/v1/contacts/{_ID}/told", body={"how": "phone", "told_at": _AT, "note": "Spoke."}
        ),
        "GET /v1/duty-rota": only(WATCHERS | {"admin"}),
        "PUT /v1/duty-rota": only(
            frozenset({"manager", "admin"}),
            428,  # no If-Match
            body={
                "periods": [
                    {
                        "role": "duty_worker",
                        "address": "duty@example.org",
                        "starts_at": "2026-11-20T08:30:00Z",
                        "ends_at": "2026-11-20T17:00:00Z",
                    }
                ]
            },
        ),
        "GET /v1/notifications/{notification_id}/letter": only(PARTNERS, 404, path=f"/v1/notifications/{_ID}/letter"),
        "GET /v1/webhooks": only(frozenset({"partner", "manager", "admin"})),
        "POST /v1/webhooks": only(  # no https: refused before a name is looked up
            PARTNERS, 422, body={"url": "http://hooks.example.org/", "events": ["contact.decided"]}
        ),
        "GET /v1/webhooks/{webhook_id}": only(
            frozenset({"partner", "manager", "admin"}), 404, path=f"/v1/webhooks/{_ID}"
        ),
        "DELETE /v1/webhooks/{webhook_id}": only(PARTNERS, 404, path=f"/v1/webhooks/{_ID}"),
        "GET /v1/webhooks/{webhook_id}/attempts": only(
            frozenset({"partner", "manager", "admin"}), 404, path=f"/v1/webhooks/{_ID}/attempts"
        ),
        "POST /v1/webhooks/{webhook_id}/ping": only(PARTNERS, 404, path=f"/v1/webhooks/{_ID}/ping"),
        "POST /v1/webhooks/{webhook_id}/secret": only(PARTNERS, 404, path=f"/v1/webhooks/{_ID}/secret"),
        "POST /v1/webhooks/{webhook_id}/enable": only(PARTNERS, 404, path=f"/v1/webhooks/{_ID}/enable"),
        "POST /v1/webhooks/{webhook_id}/replay": only(
            PARTNERS, 404, path=f"/v1/webhooks/{_ID}/replay", body={"since": _AT}
        ),
        "GET /v1/templates": only(WATCHERS | {"admin"}),
        "GET /v1/templates/{name}": only(WATCHERS | {"admin"}, path="/v1/templates/public-receipt"),
        "PUT /v1/templates/{name}": only(  # 428: no If-Match
            frozenset({"manager", "admin"}), 428, path="/v1/templates/public-receipt", body={"text": _LETTER}
        ),
        "DELETE /v1/templates/{name}": only(frozenset({"manager", "admin"}), 428, path="/v1/templates/public-receipt"),
        "POST /v1/templates/{name}/preview": only(
            frozenset({"manager", "admin"}), path="/v1/templates/public-receipt/preview", body={"sample": "usual"}
        ),
        "POST /v1/receipts/govuk-notify": open_to_all(
            401,  # the provider proves itself by a token of its own kind
            path="/v1/receipts/govuk-notify",
            body={"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": _ID, "status": "delivered"},
        ),
        "GET /v1/mailbox": only(frozenset({"manager", "ops", "admin"})),
        "GET /v1/mailbox/{message_id}": only(frozenset({"manager", "ops", "admin"}), 404),
    },
}
