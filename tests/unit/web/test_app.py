from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from shared.metrics import Metrics
from shared.web import create_app, decode_cursor, encode_cursor
from shared.web.problems import Problem

from .conftest import Web

THING = "/v1/things/6f1c2f7e-2f3c-4d9a-9a53-6f2f0a3f8f10"
CORRELATION = "0b0e7a52-6f0c-4a43-8d3e-0f8f5a4f1c11"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_correlation_id_that_is_a_uuid_goes_along(web: Web) -> None:
    headers = {**web.bearer(web.issuers.staff("manager")), "X-Correlation-ID": CORRELATION, "traceparent": TRACE}
    answer = web.client.get(THING, headers=headers)
    assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"] == CORRELATION
    assert answer.json()["traceparent"] == TRACE


@pytest.mark.parametrize("sent", ["Agnieszka", "", "{" + CORRELATION + "}", CORRELATION.replace("-", "")])
def test_any_other_correlation_id_is_replaced(web: Web, sent: str) -> None:
    headers = {**web.bearer(web.issuers.staff("manager")), "X-Correlation-ID": sent, "traceparent": "00-x"}
    answer = web.client.get(THING, headers=headers)
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-correlation-id"])
    assert answer.headers["x-correlation-id"] != CORRELATION
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", answer.json()["traceparent"])


@pytest.mark.parametrize("path", [THING, "/livez", "/nowhere", "/docs", "/openapi.json"])
def test_every_answer_has_the_security_headers(web: Web, path: str) -> None:
    headers = web.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


def test_ready_says_which_part_is_away(web: Web) -> None:
    assert web.client.get("/livez").json() == {"status": "alive"}
    assert web.client.get("/readyz").json() == {"status": "ready", "checks": {"database": "ok"}}
    web.away = True
    answer = web.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready", "checks": {"database": "away"}})
    assert web.client.get("/livez").status_code == 200
    web.away = False
    web.app.state.stopping = True
    assert web.client.get("/readyz").json()["status"] == "stopping"


def test_version(web: Web) -> None:
    assert web.client.get("/version").json() == {"code": "1.2.3", "policy": "p@1"}


def test_metrics_know_routes_and_never_paths(web: Web) -> None:
    web.client.get(f"{THING}?name=Agnieszka")
    web.client.get("/Agnieszka")
    web.client.request("AGNIESZKA", "/v1/things")
    text = web.client.get("/metrics").text
    assert 'method="GET",route="/v1/things/{thing_id}",status="401"' in text
    assert 'route="unmatched",status="404"' in text
    assert 'method="other"' in text
    assert "agnieszka" not in text.lower()
    assert "6f1c2f7e" not in text


def test_telemetry_of_the_framework_is_off(web: Web) -> None:
    assert not web.app._native_telemetry.enabled()


def test_the_document_shows_problems(web: Web) -> None:
    document = web.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    show = document["paths"]["/v1/things/{thing_id}"]["get"]
    assert {"200", "400", "401", "403", "404", "422", "429", "500", "503"} <= show["responses"].keys()
    assert show["security"] == [{"bearer": []}]
    add = document["paths"]["/v1/things"]["post"]
    assert {"409", "412", "413", "415", "428"} <= add["responses"].keys()
    assert "401" not in add["responses"]
    problem = document["components"]["responses"]["Problem404"]
    assert list(problem["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert document == web.client.get("/openapi.json").json()


def test_a_change_needs_the_version_that_was_seen(web: Web) -> None:
    assert web.client.put(THING).status_code == 428
    assert web.client.put(THING, headers={"If-Match": "*"}).status_code == 428
    for stale in ('"6"', "7", 'W/"7"', '"77"'):
        assert web.client.put(THING, headers={"If-Match": stale}).status_code == 412
    for good in ('"7"', '"1", "7"'):
        assert web.client.put(THING, headers={"If-Match": good}).json() == {"etag": '"8"'}


def test_a_cursor_comes_back_as_it_went() -> None:
    position = {"due": "2026-11-22T12:00:00Z", "id": 7}
    assert decode_cursor(encode_cursor(position), keys={"due", "id"}) == position


@pytest.mark.parametrize(
    "text",
    [
        "",
        "???",
        "x" * 2000,
        "é",
        encode_cursor({"id": 1}),
        encode_cursor({"due": "\0", "id": 1}),
        "W10",
        "bnVsbA",
        "MQ",
    ],
)
def test_any_other_cursor_is_400(text: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(text, keys={"due", "id"})
    assert refused.value.status == 400


def test_a_process_without_routes_of_its_own_can_still_be_watched() -> None:
    app = create_app(
        title="W", service="w", routers=[], verifier=None, checks={}, version=lambda: {"code": "2"}, metrics=Metrics()
    )
    assert TestClient(app).get("/version").json() == {"code": "2"}
