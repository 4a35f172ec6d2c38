"""Canaries: unlikely words in every place where a sender or staff may write something personal. All synthetic."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from services.intake.domain.model.identifiers import nhs_number_holds
from services.intake.entrypoints.schemas.contact import EXAMPLE
from tests.support.hub import Hub

GIVEN, FAMILY = "Quillonette", "Vandersprocket"
BIRTH_DATE = "2026-08-17"
NHS_NUMBER = next(number for tail in range(10) if nhs_number_holds(number := f"999417283{tail}"))
STREET, POSTCODE = "7 Gloomharbour Steps", "ZZ99 3VZ"
PHRASE = "marmalade bruise beneath the lantern"
REFERRER, PHONE = "Thaddeus Wimblecroft", "01632 960417"
EMAIL = "t.wimblecroft@example.org"
SENDER_REFERENCE = "XQ-CANARY-77341"
ADULT, CONSENT_BY, SCHOOL = "Ottoline", "Peregrinus", "Nettlebarrow Primary"
UNKNOWN_FIELD, UNKNOWN_NAME, WRONG_TYPE = "zanzibarfield", "hobgoblinmember", "wrongtypecanary"
PERSONAL = (
    GIVEN, FAMILY, BIRTH_DATE, "17/08/2026", "17 August 2026", NHS_NUMBER, "999 417 283", STREET, POSTCODE, PHRASE,
    REFERRER, PHONE, EMAIL, SENDER_REFERENCE, ADULT, CONSENT_BY, SCHOOL, UNKNOWN_FIELD, UNKNOWN_NAME, WRONG_TYPE,
)  # fmt: skip
STAFF_WORDS = (
    "rationalecanary", "minutescanary", "leadcanary", "consentreasoncanary", "refusalcanary", "notecanary",
    "ratingcanary", "rotacanary",
)  # fmt: skip
IN_KEYS = "idempotencycanary-Quimby"


def contact() -> dict[str, Any]:
    """A contact that is red, with something personal in every member, also in members that nobody knows."""
    subject = {
        **EXAMPLE["subjects"][0],
        "given_name": GIVEN,
        "family_name": FAMILY,
        "birth_date": BIRTH_DATE,
        "nhs_number": NHS_NUMBER,
        "address": {"lines": [STREET], "postcode": POSTCODE},
        "school": SCHOOL,
        "ethnicity": UNKNOWN_FIELD,
        "household": FAMILY,
        "open_case_worker": REFERRER,
        UNKNOWN_NAME: UNKNOWN_FIELD,
        "estimated_age_years": WRONG_TYPE,
        "sex": WRONG_TYPE,
        "facts": {**EXAMPLE["subjects"][0]["facts"], UNKNOWN_NAME: "yes", "injury": WRONG_TYPE},
        "indicators": {UNKNOWN_NAME: "yes", "L4-BAS-BRUISE-NM": WRONG_TYPE},
        "relationships": [{"given_name": ADULT, "family_name": FAMILY, "phone": PHONE}],
    }
    referrer = {**EXAMPLE["referrer"], "name": REFERRER, "email": EMAIL, "phone": PHONE, "role": FAMILY}
    return {
        **EXAMPLE,
        "sender_reference": SENDER_REFERENCE,
        "sender_grade": WRONG_TYPE,
        "channel": {"wrong": WRONG_TYPE},
        "referrer": referrer,
        "subjects": [subject],
        "adults": [{"given_name": ADULT, "birth_date": BIRTH_DATE}],
        "consent": {"state": "not_sought", "by": CONSENT_BY, "why": PHRASE},
        "narrative": f"A {PHRASE}.",
        "help_tried": f"We asked {ADULT}.",
        "attachments": [FAMILY],
        "on_behalf_of": FAMILY,
        "follows": SENDER_REFERENCE,
        UNKNOWN_NAME: {UNKNOWN_FIELD: [GIVEN]},
    }


async def odd_requests(hub: Hub) -> None:
    """The canaries where they do not belong: each is refused or ignored, and no answer repeats one."""
    sender = await hub.token("partner")
    headers = {
        **sender,
        "X-Correlation-ID": FAMILY,
        "traceparent": f"00-{FAMILY}-{GIVEN}-01",
        "tracestate": f"name={FAMILY}",
        "baggage": f"child={GIVEN}",
        "User-Agent": REFERRER,
        "Referer": f"https://example.org/{FAMILY}",
        "X-Child": NHS_NUMBER,
        "Cookie": f"child={FAMILY}",
    }
    contacts = f"{hub.url('intake')}/v1/contacts"
    broken = json.dumps(contact())[:-1].encode()
    strict = {"contact_ids": [FAMILY], UNKNOWN_NAME: PHRASE}
    staff = await hub.token("manager", subject="duty.manager")
    absent = uuid4()
    decision = {"subject_id": GIVEN, "outcome": PHRASE, UNKNOWN_NAME: FAMILY, "level": WRONG_TYPE}
    requests: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("POST", contacts, {"content": broken, "headers": headers}),
        ("POST", contacts, {"content": PHRASE.encode(), "headers": headers}),
        ("POST", contacts, {"json": [FAMILY], "headers": headers}),
        ("POST", contacts, {"json": {UNKNOWN_NAME: FAMILY}, "headers": headers}),
        ("POST", f"{contacts}?name={FAMILY}", {"json": {}, "headers": headers}),
        ("GET", f"{contacts}/{FAMILY}", {"headers": headers}),
        ("GET", f"{contacts}?cursor={FAMILY}&name={GIVEN}", {"headers": headers}),
        ("GET", contacts, {"headers": {**headers, "Authorization": f"Bearer {FAMILY}"}}),
        ("POST", f"{contacts}/summaries", {"json": strict, "headers": {**headers, **staff}}),
        ("POST", f"{hub.url('intake')}/v1/token", {"data": {"client_id": FAMILY, "client_secret": PHRASE}}),
        ("GET", f"{hub.url('triage')}/v1/triage?rating={FAMILY}", {"headers": staff}),
        ("GET", f"{hub.url('triage')}/v1/policies/{FAMILY}", {"headers": staff}),
        ("POST", f"{hub.url('triage')}/v1/triage/{absent}/decision", {"json": decision, "headers": staff}),
        ("GET", f"{hub.url('deadlines')}/v1/deadlines?kind={FAMILY}&cursor={GIVEN}", {"headers": staff}),
        ("GET", f"{hub.url('notify')}/v1/notifications?state={FAMILY}", {"headers": staff}),
        ("POST", f"{hub.url('notify')}/v1/contacts/{absent}/told", {"json": {"how": PHRASE}, "headers": staff}),
        ("GET", f"{hub.url('notify')}/{FAMILY}/{GIVEN}", {"headers": staff}),
    )
    for method, url, request in requests:
        kept_key = {"Idempotency-Key": str(uuid4()), **request.pop("headers", {})}
        answer = await hub.http.request(method, url, headers=kept_key, **request)
        said = answer.text + str(dict(answer.headers))
        assert not [word for word in PERSONAL if word in said], f"{method} {url}: {answer.status_code} {said}"
        assert answer.status_code < 500, f"{method} {url}"
