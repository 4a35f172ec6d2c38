from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from shared.metrics import Metrics
from shared.security.tokens import KeysUnavailable, PublicKey, TokenVerifier, intake_rule
from shared.web import Caller, RateLimit, UnguardedRoute, allow, create_app, public, routes_and_roles
from tests.support.issuers import AUDIENCE, INTAKE

from .conftest import Web


class Away:
    """An issuer whose keys were never seen."""

    async def key(self, kid: str) -> PublicKey:
        raise KeysUnavailable(kid)


THING = "/v1/things/6f1c2f7e-2f3c-4d9a-9a53-6f2f0a3f8f10"


def test_no_token_or_a_bad_one_is_401(web: Web) -> None:
    for headers, challenge in (
        ({}, "Bearer"),
        ({"Authorization": "Basic abc"}, "Bearer"),
        ({"Authorization": "Bearer"}, "Bearer"),
        ({"Authorization": "Bearer rubbish"}, 'Bearer error="invalid_token"'),
        (web.bearer(web.issuers.staff("manager", audience="other")), 'Bearer error="invalid_token"'),
        (web.bearer(web.issuers.staff("service")), 'Bearer error="invalid_token"'),
    ):
        answer = web.client.get(THING, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == challenge
        assert answer.json()["code"] == "not_authenticated"


def test_another_role_is_403_and_the_right_one_passes(web: Web) -> None:
    for token in (web.issuers.partner(), web.issuers.service(), web.issuers.staff("ops"), web.issuers.staff("admin")):
        assert web.client.get(THING, headers=web.bearer(token)).status_code == 403
    for token in (web.issuers.staff("practitioner"), web.issuers.staff("ops", "manager")):
        assert web.client.get(THING, headers=web.bearer(token)).status_code == 200


def test_who_may_not_is_told_before_what_is_wrong(web: Web) -> None:
    assert web.client.get("/v1/things/no-uuid").status_code == 401
    assert web.client.get("/v1/things/no-uuid", headers=web.bearer(web.issuers.partner())).status_code == 403


def test_no_key_known_yet_is_503(web: Web) -> None:
    verifier = TokenVerifier([intake_rule(INTAKE, AUDIENCE)], {INTAKE: Away()}, web.issuers.clock)
    client = TestClient(web.make(verifier=verifier))
    answer = client.get(THING, headers=web.bearer(web.issuers.partner()))
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


def test_every_route_says_who_may_call_it(web: Web) -> None:
    rules = {(rule.method, rule.path): rule for rule in routes_and_roles(web.app)}
    assert rules["GET", "/v1/things/{thing_id}"].roles == {"practitioner", "manager"}
    assert rules["POST", "/v1/things"].public == "for the test"
    assert rules["GET", "/metrics"].public
    assert all((rule.roles is None) != (rule.public is None) for rule in rules.values())


def app_of(router: APIRouter) -> None:
    create_app(
        title="T", service="t", routers=[router], verifier=None, checks={}, version={"code": "1"}, metrics=Metrics()
    )


def test_a_route_without_a_rule_is_not_served() -> None:
    router = APIRouter()

    @router.get("/v1/open")
    async def forgotten() -> None: ...

    with pytest.raises(UnguardedRoute, match="GET /v1/open"):
        app_of(router)


def test_a_mount_or_a_nested_router_cannot_slip_in() -> None:
    nested, outer = APIRouter(), APIRouter(prefix="/v1")

    @nested.get("/inner")
    async def forgotten() -> None: ...

    outer.include_router(nested)
    with pytest.raises(UnguardedRoute, match="/v1/inner"):
        app_of(outer)
    mounted = APIRouter()
    mounted.mount("/v1/files", TestClient)  # type: ignore[arg-type]
    with pytest.raises(UnguardedRoute, match="ordinary"):
        app_of(mounted)


def test_a_rule_of_the_router_and_of_the_route_must_both_hold() -> None:
    router = APIRouter(prefix="/v1/both", dependencies=[allow("manager", "ops")])

    @router.get("")
    async def both(caller: Annotated[Caller, allow("practitioner", "manager")]) -> None:
        del caller

    app = create_app(
        title="T", service="t", routers=[router], verifier=None, checks={}, version={"code": "1"}, metrics=Metrics()
    )
    assert routes_and_roles(app)[0].roles == {"manager"}


def test_rules_must_say_something() -> None:
    with pytest.raises(ValueError, match="role"):
        allow()
    with pytest.raises(ValueError, match="why"):
        public("")


def test_too_many_requests_of_one_caller_do_not_hurt_another(web: Web) -> None:
    client = TestClient(web.make(rate_limit=RateLimit(per_second=0.5, burst=3)))
    mine, other = (web.bearer(web.issuers.staff("manager", subject=name)) for name in ("a", "b"))
    answers = [client.get(THING, headers=mine) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit"] == '"caller";r=2;t=6'
    assert answers[3].headers["ratelimit-policy"] == '"caller";q=3;w=6'
    assert answers[3].headers["retry-after"] == "2"
    assert client.get(THING, headers=other).status_code == 200
    web.issuers.clock.advance(2)
    assert client.get(THING, headers=mine).status_code == 200
