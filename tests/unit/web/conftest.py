from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from fastapi import APIRouter, FastAPI, Request
from pydantic import Field
from pydantic_core import PydanticCustomError
from starlette.testclient import TestClient

from shared.metrics import Metrics
from shared.security.tokens import TokenVerifier
from shared.web import (
    Caller,
    Day,
    Id,
    Moment,
    Problem,
    RateLimit,
    StrictBody,
    allow,
    correlation_id,
    create_app,
    etag,
    public,
    require_match,
    traceparent,
)
from tests.support.issuers import Issuers

STAFF = Annotated[Caller, allow("practitioner", "manager")]
EVERYBODY = [public("for the test")]


class Child(StrictBody):
    kind: Literal["child"]
    nickname: str = Field(max_length=5)


class Adult(StrictBody):
    kind: Literal["adult"]
    age: int = Field(ge=18)


class Thing(StrictBody):
    reason: str
    id: Id | None = None
    at: Moment | None = None
    day: Day | None = None
    yes: bool | None = None
    answers: dict[str, Literal["yes", "no"]] = Field(default_factory=dict)
    people: list[Annotated[Child | Adult, Field(discriminator="kind")]] = Field(default_factory=list)


class Own(StrictBody):
    word: str

    def model_post_init(self, _context: object) -> None:
        if self.word == "Agnieszka":
            raise PydanticCustomError("word_odd", "This word is odd.")
        if self.word == "Kowalski":
            raise ValueError(self.word)


def things() -> APIRouter:
    router = APIRouter(prefix="/v1/things")

    @router.get("/{thing_id}")
    async def show(thing_id: Id, caller: STAFF, request: Request, limit: Annotated[int, Field(le=100)] = 10) -> Any:
        del thing_id, limit
        return {
            "subject": caller.subject,
            "correlation_id": str(correlation_id(request)),
            "traceparent": traceparent(request),
        }

    @router.post("", status_code=201, dependencies=EVERYBODY)
    async def add(thing: Thing) -> Thing:
        return thing

    @router.post("/own", dependencies=EVERYBODY)
    async def add_own(own: Own) -> Own:
        return own

    @router.put("/{thing_id}", dependencies=EVERYBODY)
    async def change(thing_id: Id, request: Request) -> dict[str, str]:
        del thing_id
        require_match(request, 7)
        return {"etag": etag(8)}

    return router


def failures(raised: list[Exception]) -> APIRouter:
    router = APIRouter(prefix="/v1/failures", dependencies=EVERYBODY)

    @router.get("")
    async def fail() -> None:
        raise raised[-1]

    @router.get("/problem")
    async def refuse() -> None:
        raise Problem(409, "already_decided", detail="A decision was made.", headers={"Retry-After": "9"})

    @router.get("/answer")
    async def wrong_answer() -> Thing:
        return {"reason": 7, "name": "Agnieszka"}  # type: ignore[return-value]

    return router


class Web:
    """An application over the test's routes, and a client of it."""

    def __init__(self, issuers: Issuers, raised: list[Exception]) -> None:
        self.issuers = issuers
        self.raised = raised
        self.metrics = Metrics()
        self.away = False
        self.app = self.make()
        self.client = TestClient(self.app, raise_server_exceptions=False)

    async def check(self) -> None:
        if self.away:
            raise ConnectionError

    def make(self, *, verifier: TokenVerifier | None = None, rate_limit: RateLimit | None = None) -> FastAPI:
        return create_app(
            title="Test",
            service="test",
            routers=[things(), failures(self.raised)],
            verifier=verifier or self.issuers.verifier,
            checks={"database": self.check},
            version={"code": "1.2.3", "policy": "p@1"},
            metrics=self.metrics,
            max_body_bytes=1000,
            body_limits={"/v1/things/own": 5000},
            rate_limit=rate_limit,
            clock=self.issuers.clock,
        )

    def bearer(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web(Issuers(), [])
    with made.client:
        yield made
