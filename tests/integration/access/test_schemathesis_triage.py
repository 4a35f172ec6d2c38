"""Triage's API against its own document: whatever the document allows or forbids, every answer is a documented one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.access.conftest import Variables
from tests.integration.access.door import Door, open_door
from tests.integration.access.table import TABLE
from tests.integration.access.triage_desk import challenged_case, new_case, opened_case, write
from tests.support.asgi_elsewhere import Elsewhere, elsewhere
from tests.support.builders_heard import challenge_id
from tests.support.builders_triage import subject_id
from tests.support.issuers import Issuers

pytestmark = pytest.mark.timeout(300)

EXAMPLES = 8
"""Of each operation and mode: some three hundred requests, well under 90 seconds."""
ANY_VERSION = ", ".join(f'"{version}"' for version in range(1, 500))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SEEN = {GenerationMode.POSITIVE: {200, 201, 422}, GenerationMode.NEGATIVE: {422}}
MODES = {
    GenerationMode.POSITIVE: CHECKS,
    GenerationMode.NEGATIVE: [*CHECKS, negative_data_rejection],
}


def plausible(value: Any, door: Door) -> Any:
    """The same body with codes, ids and times that the prepared case knows: what is generated knows none of them."""
    known: dict[str, Any] = {
        "subject_id": door.ids["subject_id"], "subject_ids": [door.ids["subject_id"]], "agencies": ["police"],
        "question_codes": ["consent"], "team": "mash", "hand_over": None, "code": "child_seen", "attended": ["police"],
        "result": None, "discussion_id": None, "decided_at": "2026-11-20T12:40:00Z", "held_at": "2026-11-20T12:50:00Z",
        "occurred_at": "2026-11-20T12:55:00Z", "chased_at": datetime.now(UTC).isoformat(),
        "answered_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    if isinstance(value, dict):
        return {name: known.get(name, plausible(one, door)) for name, one in value.items()}
    return [plausible(one, door) for one in value] if isinstance(value, list) else value


async def prepare(door: Door) -> dict[str, str]:
    """Cases at several points of their way; the ids of one that has something of everything."""
    await new_case(door)
    contact = await opened_case(door)
    about = {"subject_ids": [str(subject_id(contact))], "kind": "strategy", "decided_at": "2026-11-20T12:30:00Z"}
    asked = {"agencies": ["health"], "asked": "x", "subjects": [{"subject_id": str(subject_id(contact)), "why": "x"}]}
    discussion = await write(door, contact, "discussions", about)
    check = await write(door, contact, "checks", asked)
    await write(door, contact, "assignments", {"team": "mash", "worker": "me"})
    challenged = await challenged_case(door)
    return {
        "contact_id": str(contact),
        "challenge_id": str(challenge_id(challenged)),
        "subject_id": str(subject_id(contact)),
        "discussion_id": discussion.json()["made"],
        "check_id": check.json()["checks"][0]["check_id"],
        "policy_id": door.platform.pack.id,
    }


@pytest.fixture(scope="module")
def there() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


@pytest.fixture(scope="module")
def door(there: Elsewhere, variables: Variables) -> Iterator[Door]:
    closing = AsyncExitStack()

    async def opened() -> Door:
        found = await closing.enter_async_context(open_door("triage", variables("triage"), issuers=Issuers()))
        found.ids = await prepare(found)
        return found

    yield there.run(opened())
    there.run(closing.aclose())


@pytest.mark.parametrize("mode", MODES)
def test_every_answer_is_a_documented_one(there: Elsewhere, door: Door, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", there.app(door.app))
    tried: set[str] = set()
    answered: set[int] = set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if not operation.path.startswith("/v1/"):
            continue
        names = [one.name for one in operation.path_parameters]
        known = {name: door.ids[name] for name in names}
        tried.add(f"{operation.method.upper()} {operation.path}")

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=known), known_words=booleans())
        def answers(case: Any, *, known_words: bool) -> None:
            if known_words and mode is GenerationMode.POSITIVE:
                case.body = plausible(case.body, door)
            headers = door.headers("manager") | {"Idempotency-Key": str(uuid4()), "If-Match": ANY_VERSION}
            answer = case.call_and_validate(headers=headers, checks=MODES[mode])

            answered.add(answer.status_code)

        answers()
    assert tried == {route for route in TABLE["triage"] if " /v1/" in route}
    assert answered >= SEEN[mode], "these requests show nothing"
