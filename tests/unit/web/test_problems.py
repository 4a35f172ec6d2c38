from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.body import BoundedBody

from .conftest import Web

NAME = "Agnieszka"


def errors(answer: Any) -> dict[str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return {entry["pointer"]: entry["code"] for entry in answer.json()["errors"]}


def test_each_wrong_field_is_named_by_pointer(web: Web) -> None:
    body = {
        "id": "x",
        "at": 0,
        "day": "2026-13-01",
        "yes": 1,
        "people": [{"kind": "child", "nickname": NAME}, {"kind": "adult", "age": "17"}, {"kind": NAME}, {}],
    }
    answer = web.client.post("/v1/things", json=body)
    assert answer.status_code == 422
    assert errors(answer) == {
        "/reason": "missing",
        "/id": "uuid_parsing",
        "/at": "text_needed",
        "/day": "date_from_datetime_parsing",
        "/yes": "bool_type",
        "/people/0/nickname": "string_too_long",
        "/people/1/age": "int_type",
        "/people/2": "union_tag_invalid",
        "/people/3": "union_tag_not_found",
    }
    assert NAME not in answer.text
    assert "at most 5 characters" in answer.text


def test_names_that_only_the_sender_knows_are_not_shown(web: Web) -> None:
    body = {
        "reason": "r",
        NAME: 1,
        "answers": {NAME: "perhaps"},
        "people": [{"kind": "child", "nickname": "a", NAME: 1}],
    }
    answer = web.client.post("/v1/things", json=body)
    assert errors(answer) == {"": "extra_forbidden", "/answers": "literal_error", "/people/0": "extra_forbidden"}
    assert NAME not in answer.text


def test_our_own_messages_are_kept_and_others_are_not(web: Web) -> None:
    ours = web.client.post("/v1/things/own", json={"word": NAME})
    assert errors(ours) == {"": "word_odd"}
    assert "This word is odd." in ours.text
    theirs = web.client.post("/v1/things/own", json={"word": "Kowalski"})
    assert errors(theirs) == {"": "value_error"}
    assert "Kowalski" not in theirs.text


def test_parameters_are_named_with_their_place(web: Web) -> None:
    headers = web.bearer(web.issuers.staff("manager"))
    answer = web.client.get(f"/v1/things/{NAME}?limit=1000", headers=headers)
    assert {(e["in"], e["pointer"], e["code"]) for e in answer.json()["errors"]} == {
        ("path", "/thing_id", "uuid_parsing"),
        ("query", "/limit", "less_than_equal"),
    }
    assert NAME not in answer.text


@pytest.mark.parametrize("body", [b"{", b"[1,", b"\xff\xfe{}", b"[" * 900, b'{"a": Infinite}'])
def test_what_is_no_json_is_400(web: Web, body: bytes) -> None:
    answer = web.client.post("/v1/things", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_what_does_not_say_it_is_json_is_415(web: Web, kind: str) -> None:
    assert web.client.post("/v1/things", content=b'{"reason": "r"}', headers={"Content-Type": kind}).status_code == 415


def test_no_body_is_422(web: Web) -> None:
    assert errors(web.client.post("/v1/things")) == {"": "missing"}


def test_unknown_addresses_and_methods(web: Web) -> None:
    missing = web.client.get(f"/v1/{NAME}")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert NAME not in missing.text
    refused = web.client.delete("/v1/things")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert web.client.get("/v1/failures/", follow_redirects=False).status_code == 404


def test_a_problem_of_ours_comes_as_it_is(web: Web) -> None:
    answer = web.client.get("/v1/failures/problem")
    assert answer.status_code == 409
    assert answer.headers["retry-after"] == "9"
    document = answer.json()
    assert document["type"] == "urn:mash:problem:already_decided"
    assert document["detail"] == "A decision was made."
    assert document["correlation_id"] == answer.headers["x-correlation-id"]


class DriverError(Exception):
    sqlstate = "22021"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError(NAME), 500),
        (RuntimeError(NAME), 500),
        (ConnectionRefusedError(NAME), 503),
        (TimeoutError(NAME), 503),
        (PoolTimeoutError(NAME), 503),
        (DBAPIError(NAME, None, Exception(NAME), connection_invalidated=True), 503),
        (DBAPIError(NAME, None, Exception(NAME)), 500),
        (DBAPIError(NAME, None, DriverError(NAME)), 400),
    ],
)
def test_what_nobody_caught_is_answered_without_its_text(web: Web, error: Exception, status: int) -> None:
    web.raised.append(error)
    answer = web.client.get("/v1/failures")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"]
    assert NAME not in answer.text
    if status == 503:
        assert int(answer.headers["retry-after"]) > 0


def test_an_answer_that_breaks_its_own_schema_is_500(web: Web) -> None:
    answer = web.client.get("/v1/failures/answer")
    assert answer.status_code == 500
    assert NAME not in answer.text


def test_a_body_over_the_limit_is_413_whatever_its_headers_say(web: Web) -> None:
    assert web.client.post("/v1/things", content=b"x" * 1001).status_code == 413
    chunks = iter([b"x" * 600, b"x" * 600])
    assert web.client.post("/v1/things", content=chunks).status_code == 413
    own = web.client.post("/v1/things/own", json={"word": "x" * 4000})
    assert own.status_code == 200
    assert web.client.post("/v1/things/own", json={"word": "x" * 5000}).status_code == 413


async def call(app: ASGIApp, messages: list[Message], *, wait: bool = False) -> list[Message]:
    """Speak ASGI to the application by hand: what a slow or vanished client looks like."""
    sent: list[Message] = []

    async def receive() -> Message:
        if not messages and wait:
            await asyncio.sleep(3600)
        return messages.pop(0)

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/v1/things", "raw_path": b"/v1/things", "headers": []}
    scope |= {"query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1", "client": ("c", 1)}
    await app(scope, receive, send)
    return sent


async def test_a_client_that_leaves_is_not_answered(web: Web) -> None:
    part = {"type": "http.request", "body": b"{", "more_body": True}
    assert await call(web.app, [part, {"type": "http.disconnect"}]) == []


async def test_a_client_that_is_too_slow_is_sent_away() -> None:
    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError

    app = BoundedBody(never, limit=100, limits={}, read_seconds=0.01)
    sent = await call(app, [{"type": "http.request", "body": b"{", "more_body": True}], wait=True)
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "too_slow"
