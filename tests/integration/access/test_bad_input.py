"""Whatever is sent: the answer is one that is documented, is a problem document, and repeats nothing of it."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import SERVICES, Door
from tests.integration.access.table import TABLE, Rule

pytestmark = pytest.mark.asyncio(loop_scope="package")

CANARY = "Quillonette-Vandersprocket"
MIB = 1024 * 1024
LENIENT = {"POST /v1/contacts", "POST /v1/contacts/{contact_id}/information"}
ALL_OPTIONAL = {("POST /v1/templates/{name}/preview", "nothing in it")}
EIGHT_MIB = {"POST /v1/contacts/batch"}
BODILESS = {
    "POST /v1/triage/{contact_id}/open",
    "POST /v1/notifications/{notification_id}/resend",
    "DELETE /v1/webhooks/{webhook_id}",
    "POST /v1/webhooks/{webhook_id}/ping",
    "POST /v1/webhooks/{webhook_id}/secret",
    "POST /v1/webhooks/{webhook_id}/enable",
}
ODD_QUERIES = (
    "state",
    "kind",
    "rating",
    "stage",
    "cursor",
    "limit",
    "due_before",
    "contact_id",
    "route",
    "received_at",
    "from",
    "explained",
    "format",
)
_JSON = {"Content-Type": "application/json"}


def bodies(right: dict[str, Any]) -> dict[str, bytes]:
    """Bodies that are wrong, by what is wrong with them; made from one that is right."""
    deep = b'{"narrative":' + b"[" * 100_000 + b'"' + CANARY.encode() + b'"' + b"]" * 100_000 + b"}"
    objects = b'{"a":' * 50_000 + b'"' + CANARY.encode() + b'"' + b"}" * 50_000
    wrong: dict[str, Any] = {
        "unknown member": {**right, CANARY: CANARY},
        "a list": [CANARY],
        "a text": CANARY,
        "a number": 7,
        "null": None,
        "nothing in it": {},
        "100,000 entries": {**right, "entries": [CANARY] * 30_000 + [0] * 70_000},
        "100,000 members": {f"{CANARY[:4]}{number}": 0 for number in range(50_000)},
    }
    for member, value in right.items():
        wrong |= {
            f"{member} a wrong text": {**right, member: CANARY},
            f"{member} a number": {**right, member: 10**400},
            f"{member} an object": {**right, member: {CANARY: CANARY}},
            f"{member} a list": {**right, member: [CANARY, [CANARY]]},
            f"{member} null": {**right, member: None},
            f"{member} with NUL": {**right, member: f"{CANARY}\x00"},
            f"{member} with half a character": {**right, member: f"{CANARY}\ud800"},
            f"{member} with 100,000 entries": {
                **right,
                member: [value] * 100_000 if len(str(value)) < 9 else [0] * 100_000,
            },
        }
    encoded = {name: json.dumps(body).encode() for name, body in wrong.items()}
    return encoded | {
        "broken": json.dumps({**right, "x": CANARY}).encode()[:-1],
        "not JSON": CANARY.encode(),
        "NUL between": b'{"x": "' + CANARY.encode() + b'\x00"}',
        "not UTF-8": b'{"x": "' + CANARY.encode() + b'\xff\xfe"}',
        "UTF-16": json.dumps({"x": CANARY}).encode("utf-16"),
        "nested lists": deep,
        "nested objects": objects,
        "NaN": b'{"narrative": NaN, "' + CANARY.encode() + b'": Infinity}',
        "said twice": b'{"narrative": "' + CANARY.encode() + b'", "narrative": "x"}',
        "empty": b"",
    }


def writes(service: str) -> dict[str, Rule]:
    return {route: rule for route, rule in TABLE[service].items() if route.split(" ")[0] in {"POST", "PUT", "DELETE"}}


def who(rule: Rule) -> str | None:
    return min(rule.roles) if rule.roles else None


def documented(door: Door, route: str) -> set[int]:
    method, path = route.lower().split(" ", 1)
    operation = next(
        item[method] for name, item in door.app.openapi()["paths"].items() if name.lower() == path and method in item
    )
    return {int(status) for status in operation["responses"]}


def wrong_with(answer: httpx2.Response, allowed: set[int]) -> str | None:
    """What is wrong with an answer; None where nothing is."""
    headers = {name: value for name, value in answer.headers.items() if name != "link"}  # a list's own address
    if CANARY.lower() in (answer.text + str(headers)).lower():
        return f"{answer.status_code} repeats what was sent: {answer.text[:300]}"
    if answer.status_code not in allowed or answer.status_code >= 500:
        return f"{answer.status_code} is not documented: {answer.text[:300]}"
    if answer.status_code < 400:
        return None
    if answer.headers["content-type"] != "application/problem+json":
        return f"{answer.status_code} is no problem document"
    problem = answer.json()
    lacks = {"type", "title", "status", "code", "detail", "correlation_id"} - problem.keys()
    unnamed = problem["code"] == "not_valid" and not problem.get("errors")
    return f"{answer.status_code} lacks {lacks or 'errors'}: {answer.text[:300]}" if lacks or unnamed else None


def nothing_kept(answer: httpx2.Response) -> bool:
    """True for a batch each of whose contacts was refused for itself."""
    results = answer.json().get("results", ()) if answer.status_code == 200 else ()
    return bool(results) and all(400 <= one["status"] < 500 for one in results)


@pytest.mark.parametrize("service", SERVICES)
async def test_every_body_that_is_wrong_gets_a_documented_answer_without_an_echo(
    door_of: OpenDoor, service: str
) -> None:
    door = await door_of(service)
    wrong: list[str] = []
    for route, rule in writes(service).items():
        method, path = route.split(" ", 1)
        allowed = documented(door, route)
        for name, body in bodies(rule.body or {}).items():
            answer = await door.ask(method, rule.path or path, who(rule), content=body, headers=_JSON)
            found = wrong_with(answer, allowed)
            refused = 400 <= answer.status_code < 500 or nothing_kept(answer)
            may = route in LENIENT | BODILESS or (route, name) in ALL_OPTIONAL or "null" in name
            if found is None and not refused and not may:
                found = f"{answer.status_code}: accepted"
            if found is not None:
                wrong.append(f"{route} with {name}: {found}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_body_over_the_limit_is_refused_before_anybody_looks_at_it(door_of: OpenDoor, service: str) -> None:
    door = await door_of(service)

    async def in_pieces(body: bytes) -> Any:
        for at in range(0, len(body), 65536):
            yield body[at : at + 65536]

    for route, rule in writes(service).items():
        size = 2 * (8 if route in EIGHT_MIB else 1) * MIB
        body = b'{"narrative": "' + CANARY.encode() * (size // len(CANARY)) + b'"}'
        method, path = route.split(" ", 1)
        whole = await door.ask(method, rule.path or path, who(rule), content=body, headers=_JSON)
        unannounced = await door.ask(method, rule.path or path, who(rule), content=in_pieces(body), headers=_JSON)
        for answer in (whole, unannounced):
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large"), route
            assert CANARY not in answer.text


@pytest.mark.parametrize("service", SERVICES)
async def test_odd_addresses_and_headers_get_a_documented_answer_without_an_echo(
    door_of: OpenDoor, service: str
) -> None:
    door = await door_of(service)
    wrong: list[str] = []
    for route, rule in TABLE[service].items():
        method, template = route.split(" ", 1)
        path = rule.path or template  # what a right request would change is not there
        allowed = documented(door, route) | {200}
        tries: list[tuple[str, dict[str, Any]]] = [(template.replace("{", "").replace("}", ""), {})]
        names = ODD_QUERIES if method == "GET" else ODD_QUERIES[:1]  # a write reads none of them
        tries += [(path, {"params": {name: value}}) for name in names for value in (CANARY, "\x00", "-1", "9" * 400)]
        tries += [(path, {"headers": headers}) for headers in odd_headers()]
        for address, request in tries:
            body = {"json": rule.body} if rule.body is not None else {}
            answer = await door.ask(method, address, who(rule), **request, **body)
            found = wrong_with(answer, allowed)
            if found is not None:
                wrong.append(f"{method} {address} {str(request)[:120]}: {found}")
    assert wrong == [], "\n".join(wrong)


def odd_headers() -> list[dict[str, str]]:
    return [
        {"Idempotency-Key": ""},
        {"Idempotency-Key": CANARY * 20},
        {"Idempotency-Key": f"{CANARY} with spaces"},
        {"If-Match": CANARY},
        {"If-Match": "*"},
        {"Last-Event-ID": CANARY},
        {"X-Correlation-ID": CANARY},
        {"traceparent": CANARY},
        {"Accept": "application/xml"},
        {"Content-Type": f"text/{CANARY}"},
        {"Content-Length": "-1"},
    ]


@pytest.mark.parametrize("service", SERVICES)
async def test_an_address_or_method_that_is_not_there(door_of: OpenDoor, service: str) -> None:
    door = await door_of(service)
    for method, path, status in (
        ("GET", f"/v1/{CANARY}", 404),
        ("GET", f"/{CANARY}?x={CANARY}", 404),
        ("DELETE", "/livez", 405),
        ("PATCH", "/v1/" + CANARY, 404),
        ("GET", "/v1/%00%ff", 404),
    ):
        answer = await door.ask(method, path, "manager")
        assert answer.status_code == status, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert CANARY not in answer.text + str(dict(answer.headers))
