"""The largest and the oddest that partners can send: kept, announced, and given back as it was sent."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text

from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.contact import EXAMPLE
from shared.contracts.intake import ContactReceived
from shared.messaging.outbox import MAX_VALUE_BYTES
from shared.policy import facts
from tests.integration.intake.test_accepting import post

Token = Callable[..., Awaitable[dict[str, str]]]


async def announced(intake: Intake) -> ContactReceived:
    async with intake.autocommit() as connection:
        value = (await connection.execute(text("SELECT value FROM outbox"))).scalar_one()
    return ContactReceived.model_validate_json(bytes(value))


async def test_a_hundred_subjects_with_every_answer_can_be_announced(
    api: httpx2.AsyncClient, intake: Intake, token: Token
) -> None:
    codes = sorted(intake.platform.pack.indicators)
    every_fact = {
        **dict.fromkeys(facts.ANSWERS, "not_known"),
        **{name: values[0] for name, values in facts.SCALES.items()},
        **{name: most for name, (_, most) in facts.NUMBERS.items()},
    }
    subject = {
        "kind": "child",
        "birth_date": "2020-01-01",
        "facts": {},
        "indicators": dict.fromkeys(codes, "not_known"),
    }
    body = {"facts": every_fact, "subjects": [subject] * 22 + [{**subject, "indicators": {}}] * 78}
    answer = await post(api, await token(), body)
    assert answer.status_code == 201, answer.text
    event = await announced(intake)
    assert len(event.subjects) == 100
    assert len(event.model_dump_json()) < MAX_VALUE_BYTES


@pytest.mark.parametrize(
    "body",
    [
        b'{"narrative": "x", "odd": 1e999}',
        b'{"narrative": "x", "odd": -0.0, "big": 123456789012345678901234567890}',
        b'{"narrative": "\\ud800 and \\u0000", "subjects": [{"given_name": "\\udfff"}]}',
        b'{"narrative": "x", "follows": "\\u0000"}',
        b'{"narrative": "x", "follows": "MASH-0000-0000-0"}',
        b'{"narrative": "x", "incident_at": "0001-01-01T00:00:00+14:00"}',
        b'{"subjects": [{"birth_date": "0001-01-01"}], "incident_at": "9999-12-31T23:59:59Z"}',
        b'{"subjects": {"address": {"lines": [1, null, "x"]}}}',
        b'{"subjects": ' + b"[" * 50 + b"]" * 50 + b"}",
        '{"narrative": "\N{PILE OF POO}"}'.encode("utf-16"),
    ],
)  # fmt: skip
async def test_odd_contacts_are_kept_and_can_be_read(api: httpx2.AsyncClient, token: Token, body: bytes) -> None:
    headers = await token()
    answer = await post(api, headers, body)
    assert answer.status_code == 201, answer.text
    read = await api.get(answer.json()["links"]["self"], headers=headers)
    assert read.status_code == 200, read.text
    if b"1e999" not in body and b"\\ud" not in body:
        assert read.json()["told"] == json.loads(body)


async def test_what_is_kept_is_what_was_sent(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    sent = {**EXAMPLE, "theirs": {"nested": [1, 2.50, None, True]}, "adults": None}
    answer = await post(api, headers, json.dumps(sent, indent=4).encode())
    assert (await api.get(answer.json()["links"]["self"], headers=headers)).json()["told"] == sent


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 5000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"narrative": "x", "a":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"narrative": "a", "narrative": "b"}',
        b'{"narrative": NaN}',
        b"9" * 5000,
        b'{"narrative": "x", "n": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        b"",
    ],
)
async def test_what_is_no_json_is_refused_without_an_echo(
    api: httpx2.AsyncClient, intake: Intake, token: Token, body: bytes
) -> None:
    answer = await post(api, await token(), body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    async with intake.autocommit() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM contacts"))).scalar_one() == 0


@pytest.mark.timeout(60)
async def test_floods_are_answered(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    floods: list[dict[str, Any]] = [
        {"narrative": "x", **{f"a{n}": n for n in range(60_000)}},
        {"subjects": [0] * 300_000},
        {"narrative": "x", "attachments": [1] * 300_000},
        {"subjects": [{"facts": {f"f{n}": 1 for n in range(600)}}] * 100},
    ]
    for flood in floods:
        answer = await post(api, headers, flood)
        assert answer.status_code == 201
        assert len(answer.content) < 64 * 1024


async def test_a_reference_is_followed_however_it_was_typed(api: httpx2.AsyncClient, token: Token) -> None:
    headers = await token()
    first = (await post(api, headers, EXAMPLE)).json()
    typed = first["reference"].lower().replace("-", " ")
    second = (await post(api, headers, {"narrative": "more", "follows": typed})).json()
    assert second["received_at"] == first["received_at"]
    other = (await post(api, await token(organisation="school-9"), {"narrative": "x", "follows": typed})).json()
    unknown = (await post(api, headers, {"narrative": "x", "follows": "MASH-0000-0000-0"})).json()
    assert other["received_at"] != first["received_at"]
    assert other["warnings"] == unknown["warnings"] == []
    wrong = (await post(api, headers, {"narrative": "x", "follows": f"{uuid4()}"})).json()
    assert [(one["pointer"], one["code"]) for one in wrong["warnings"]] == [("/follows", "unverified")]
