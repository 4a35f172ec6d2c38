"""Route by role: every route of every service answers each caller with exactly what the table says."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import timedelta

import httpx2
import pytest

from shared.web import routes_and_roles
from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import SERVICES, Door
from tests.integration.access.table import ROLES, TABLE, Rule
from tests.support.issuers import AUDIENCE, INTAKE, NOW, STAFF, Issuers, signed

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("service", SERVICES)
async def test_every_route_lets_in_whom_the_table_names_and_nobody_else(door_of: OpenDoor, service: str) -> None:
    door = await door_of(service)
    found = {f"{one.method} {one.path}": one.roles for one in routes_and_roles(door.app)}
    assert found == {route: rule.roles for route, rule in TABLE[service].items()}, "put a new route into the table"
    await _no_token_that_proves_nothing_opens_it(door)
    await _each_role_on_each_route(door)


async def _each_role_on_each_route(door: Door) -> None:
    wrong: list[str] = []
    for route, rule in TABLE[door.service].items():
        for role in ROLES:
            answer = await ask(door, route, rule, door.headers(role))
            expected = rule.status if rule.roles is None or role in rule.roles else 403
            if answer.status_code != expected:
                wrong.append(f"{route} as {role}: {answer.status_code}, not {expected}: {answer.text[:200]}")
    assert wrong == []


async def _no_token_that_proves_nothing_opens_it(door: Door) -> None:
    traces = "SELECT (SELECT count(*) FROM audit) AS audit, (SELECT count(*) FROM idempotency) AS keys"
    before = await door.rows(traces)
    wrong: list[str] = []
    for route, rule in TABLE[door.service].items():
        for name, headers in worthless(door.issuers).items():
            answer = await ask(door, route, rule, headers)
            expected = rule.status if rule.roles is None else 401
            if answer.status_code != expected:
                wrong.append(f"{route} with {name}: {answer.status_code}, not {expected}: {answer.text[:200]}")
            elif expected == 401 and answer.json()["code"] != "not_authenticated":
                wrong.append(f"{route} with {name}: {answer.text}")
            elif expected == 401 and "WWW-Authenticate" not in answer.headers:
                wrong.append(f"{route} with {name}: no WWW-Authenticate")
    assert wrong == []
    assert await door.rows(traces) == before, "somebody without a token left a trace in the database"


async def ask(door: Door, route: str, rule: Rule, headers: dict[str, str]) -> httpx2.Response:
    method, path = route.split(" ", 1)
    return await door.ask(method, rule.path or path, json=rule.body, headers=headers)


def worthless(issuers: Issuers) -> dict[str, dict[str, str]]:
    """Headers that must open no door, by what is wrong with them."""
    stranger = Issuers()
    now = int(NOW.timestamp())
    claims = {"iss": STAFF, "aud": AUDIENCE, "sub": "somebody", "roles": ["manager"], "iat": now, "exp": now + 600}
    kid = issuers.staff_key.kid
    partner = {"roles": ["partner"], "kind": "partner", "organisation": "school-1"}
    tokens = {
        "garbage": "not.a.token",
        "one dot": "abc.def",
        "no algorithm": f"{_part({'alg': 'none', 'typ': 'at+jwt', 'kid': kid})}.{_part(claims)}.",
        "no algorithm, signed": f"{_part({'alg': 'none', 'typ': 'at+jwt', 'kid': kid})}.{_part(claims)}.c2ln",
        "HMAC with the public key": f"{_part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': kid})}.{_part(claims)}.c2ln",
        "another audience": issuers.staff("manager", audience="elsewhere"),
        "expired": issuers.staff("manager", now=NOW - timedelta(hours=1)),
        "unknown key": stranger.staff("manager"),
        "another's key under our key's id": signed(
            stranger.staff_key.key, {"alg": "ES256", "typ": "at+jwt", "kid": kid}, claims
        ),
        "unknown issuer": issuers.staff("manager", issuer="https://elsewhere.example.org"),
        "staff key, intake's name": issuers.staff("partner", issuer=INTAKE, kind="partner", organisation="school-1"),
        "staff role in an intake token": issuers.partner(roles=["manager"], kind="staff"),
        "staff role beside partner": issuers.partner(roles=["partner", "manager"]),
        "service beside partner": issuers.partner(roles=["partner", "service"]),
        "partner without an organisation": issuers.partner(organisation=None),  # type: ignore[arg-type]
        "service role in a staff token": issuers.staff("service", kind="service"),
        "partner role in a staff token": issuers.staff(**partner),
        "a role nobody knows": issuers.staff("superuser"),
        "no role": issuers.staff(),
        "an identity token": signed(issuers.staff_key.key, {"alg": "ES256", "typ": "JWT", "kid": kid}, claims),
        "far too long": "a" * 20_000,
    }
    return {"no token": {}, "another scheme": {"Authorization": "Basic c29tZWJvZHk6c2VjcmV0"}} | {
        name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()
    }


def _part(content: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
