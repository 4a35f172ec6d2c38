from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import JSONResponse, Response

from shared.metrics import Metrics
from shared.security.encryption import TableCipher, new_data_key
from shared.web import Caller, allow, begin_once, create_app, etag
from tests.support.issuers import Issuers

NAME = "Agnieszka"


class Desk:
    """One route that writes, and what it did."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.cipher = TableCipher(new_data_key(), table="idempotency")
        self.done: list[str] = []
        self.status = 201
        self.hold = asyncio.Event()
        self.hold.set()

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1/notes")

        @router.post("")
        async def note(request: Request, caller: Annotated[Caller, allow("practitioner", "manager")]) -> Response:
            async with self.engine.connect() as connection:
                once = await begin_once(connection, request, caller, cipher=self.cipher)
                if once.answer is not None:
                    return once.answer
                await self.hold.wait()
                self.done.append(str(once.id))
                answer = JSONResponse({"id": str(once.id), "name": NAME}, self.status, {"ETag": etag(1)})
                await once.keep(answer)
                await connection.commit()
            return answer

        return router


Send = Callable[..., Any]


async def until(engine: AsyncEngine, condition: str) -> None:
    """Wait until some other connection of this database is in this condition."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        f"AND {condition}"
    )
    async with asyncio.timeout(10), engine.connect() as connection:
        while not (await connection.execute(query)).scalar_one():
            await connection.rollback()
            await asyncio.sleep(0.01)


async def somebody_waits(engine: AsyncEngine) -> None:
    await until(engine, "wait_event_type = 'Lock'")


async def somebody_holds(engine: AsyncEngine) -> None:
    await until(engine, "state = 'idle in transaction' AND backend_xid IS NOT NULL")


@pytest.fixture
def desk(engine: AsyncEngine) -> Desk:
    return Desk(engine)


@pytest.fixture
async def send(desk: Desk) -> AsyncIterator[Send]:
    issuers = Issuers()
    app = create_app(
        title="T",
        service="t",
        routers=[desk.router()],
        verifier=issuers.verifier,
        checks={},
        version={"code": "1"},
        metrics=Metrics(),
    )
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:

        async def post(key: str | None = "k1", body: Any = None, *, subject: str = "anna", **headers: str) -> Any:
            headers["Authorization"] = f"Bearer {issuers.staff('manager', subject=subject)}"
            if key is not None:
                headers["Idempotency-Key"] = key
            return await client.post("/v1/notes", json=body or {"a": 1, "b": NAME}, headers=headers)

        yield post


async def test_a_retry_gets_the_first_answer_and_does_nothing(desk: Desk, send: Send) -> None:
    first = await send()
    again = await send(body={"b": NAME, "a": 1})  # members in another order: the same request
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(desk.done) == 1


async def test_a_key_belongs_to_one_body_and_one_caller(desk: Desk, send: Send) -> None:
    await send()
    other_body = await send(body={"a": 2})
    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency_key_reused")
    assert (await send(subject="ben", body={"a": 2})).status_code == 201
    assert (await send(key="k2")).status_code == 201
    assert len(desk.done) == 3


@pytest.mark.parametrize("key", [None, "", "x" * 256, "a b", "a\tb"])
async def test_a_post_needs_a_good_key(send: Send, key: str | None) -> None:
    answer = await send(key=key)
    assert answer.status_code == 400
    assert answer.json()["code"].startswith("idempotency_key_")


async def test_only_success_is_kept(desk: Desk, send: Send) -> None:
    desk.status = 409
    assert (await send()).status_code == 409
    desk.status = 200
    assert (await send()).status_code == 200
    assert len(desk.done) == 2


async def test_a_second_request_waits_for_the_first_and_gets_its_answer(desk: Desk, send: Send) -> None:
    desk.hold.clear()
    both = [asyncio.create_task(send()) for _ in range(2)]
    await somebody_waits(desk.engine)
    assert not any(task.done() for task in both)
    desk.hold.set()
    first, second = [task.result() for task in both if await asyncio.wait([task])]
    assert first.json() == second.json()
    assert len(desk.done) == 1


async def test_who_waits_two_seconds_in_vain_is_told_so(desk: Desk, send: Send) -> None:
    desk.hold.clear()
    first = asyncio.create_task(send())
    await somebody_holds(desk.engine)
    second = await asyncio.wait_for(send(), 10)
    assert (second.status_code, second.json()["code"]) == (409, "still_running")
    assert "retry-after" in second.headers
    desk.hold.set()
    assert (await first).status_code == 201


async def test_what_is_kept_is_sealed(desk: Desk, send: Send) -> None:
    await send()
    async with desk.engine.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM idempotency"))).one()
    assert row.status == 201
    assert NAME.encode() not in bytes(row.response)
    assert row.caller == "staff::anna"
    assert NAME not in str(row.path) + str(row.key)


async def test_the_short_patience_ends_with_the_claim(engine: AsyncEngine, desk: Desk) -> None:
    scope = {"type": "http", "method": "POST", "path": "/v1/x", "headers": [(b"idempotency-key", b"k")]}

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"", "more_body": False}

    caller = Caller(subject="s", organisation=None, roles=frozenset({"manager"}), kind="staff")
    async with engine.connect() as connection:
        before = (await connection.execute(text("SHOW lock_timeout"))).scalar_one()
        await begin_once(connection, Request(scope, receive), caller, cipher=desk.cipher)
        assert (await connection.execute(text("SHOW lock_timeout"))).scalar_one() == before
