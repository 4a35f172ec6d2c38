"""Intake answers as its own document says, whatever is sent that the document allows, and whatever it does not.

Requests are made from the OpenAPI document by schemathesis, right ones and wrong ones, with a partner's and with
staff's token, against a real database. The seed is fixed, so that a finding is found again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.access.conftest import Variables
from tests.integration.access.door import Door, open_door, put_a_contact_in
from tests.integration.access.table import TABLE
from tests.support.issuers import Issuers

RIGHT, WRONG = 12, 6
"""Requests for each operation and caller."""
LARGE = {"POST /v1/contacts/batch": 3}
"""Fewer of those that take long to make."""
Case = schemathesis.Case[Any]
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
SLOW_TO_MAKE: Any = list(HealthCheck)
LENIENT = {
    "POST /v1/contacts": "nobody is turned away over form",
    "POST /v1/contacts/batch": "each contact has a result of its own",
    "POST /v1/contacts/{contact_id}/information": "as a contact",
    "GET /readyz": "reads nothing",
}
"""Where what is against the schema may be taken, and why; the schema says so too (additionalProperties)."""
Ask = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Runs something on an event loop of its own, on which the service lives: schemathesis does not wait."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def door(variables: Variables, ask: Ask) -> Iterator[Door]:
    closing = AsyncExitStack()

    async def opened() -> Door:
        door = await closing.enter_async_context(open_door("intake", variables("intake"), issuers=Issuers()))
        await put_a_contact_in(door)
        return door

    yield ask(opened())
    ask(closing.aclose())


def callers(route: str) -> list[str]:
    """One partner and one member of staff, as far as the route lets them in, else whom it does."""
    roles = TABLE["intake"][route].roles
    if roles is None:
        return ["partner"]
    return [role for role in ("partner", "practitioner") if role in roles] or [min(roles)]


async def sent(door: Door, case: Case, who: str) -> httpx2.Response:
    """The request with the caller's own token, where schemathesis did not leave it out on purpose."""
    made = case.as_transport_kwargs(base_url="http://intake.example.org")
    headers = {str(name): str(value) for name, value in (made["headers"] or {}).items()}
    if "authorization" in {name.lower() for name in headers}:
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        headers |= door.headers(who)
    body: dict[str, Any] = {"json": made["json"]} if "json" in made else {"content": made.get("data")}
    if isinstance(made.get("data"), dict | list):
        body = {"data": made["data"]}
    return await door.client.request(made["method"], made["url"], params=made.get("params"), headers=headers, **body)


@dataclass(frozen=True)
class Trial:
    """One operation, tried by one caller with requests of one kind."""

    operation: Any
    route: str
    who: str
    mode: GenerationMode

    def known(self, door: Door) -> dict[str, Any] | None:
        """A contact that is there, for right requests: else each would be answered 404. It is not to be erased."""
        named = "{contact_id}" in self.route and self.mode is GenerationMode.POSITIVE
        return {"contact_id": door.ids["contact_id"]} if named and "erasure" not in self.route else None

    def findings(self, door: Door, ask: Ask) -> list[str]:
        """What was found, in words; hypothesis shows the smallest request that does it."""
        strict = self.mode is GenerationMode.NEGATIVE and self.route not in LENIENT
        checks = [*CHECKS, negative_data_rejection] if strict else CHECKS
        cases = self.operation.as_strategy(generation_mode=self.mode, path_parameters=self.known(door))

        @settings(
            max_examples=LARGE.get(self.route) or (RIGHT if self.mode is GenerationMode.POSITIVE else WRONG),
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=SLOW_TO_MAKE,
        )
        @given(cases)
        def one(case: Case) -> None:
            case.validate_response(ask(sent(door, case, self.who)), checks=checks)

        try:
            one()
        except Unsatisfiable:  # nothing about it could be wrong
            return []
        except (Failure, FailureGroup) as failure:
            return [f"{self.route} as {self.who}, {self.mode}: {failure}"]
        return []


def trials(schema: Any) -> Iterator[Trial]:
    for each in schema.get_all_operations():
        operation = each.ok()
        route = f"{operation.method.upper()} {operation.path}"
        for who in callers(route):
            for mode in GenerationMode:
                yield Trial(operation, route, who, mode)


@pytest.mark.timeout(150)
def test_every_answer_is_as_the_document_says(door: Door, ask: Ask) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", door.app)
    found: list[str] = []
    tried: set[str] = set()
    for trial in trials(schema):
        tried.add(trial.route)
        found += trial.findings(door, ask)
    assert found == [], "\n\n".join(found)
    assert tried == set(TABLE["intake"])
