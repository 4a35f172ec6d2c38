"""GOV.UK Notify as its documentation describes it, in this process: tokens, templates, limits, simulators, callbacks.

The official client is run against it, and so is our own adapter.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import uvicorn
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SERVICE = "8b1e4f0a-0000-4000-8000-000000000001"
SECRET = "8b1e4f0a-0000-4000-8000-000000000002"
KEY = f"made_up-{SERVICE}-{SECRET}"
EMAIL_TEMPLATE, SMS_TEMPLATE = str(UUID(int=3)), str(UUID(int=4))
FIELDS = {EMAIL_TEMPLATE: {"subject", "body"}, SMS_TEMPLATE: {"body"}}
SMOKE = re.compile(r"simulate-delivered(-[23])?@notifications\.service\.gov\.uk|(\+44|0)7700900(000|111|222)")
SIMULATED = {
    "temp-fail@simulator.notify": "temporary-failure",
    "perm-fail@simulator.notify": "permanent-failure",
    "+447700900003": "temporary-failure",
    "+447700900002": "permanent-failure",
}
ADDRESS = {"email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "sms": re.compile(r"(\+44|0)7\d{9}")}
CLOCK_OFF, MOST_TEXT = 30, 918
FINAL = ("delivered", "permanent-failure", "temporary-failure", "technical-failure")


@dataclass
class FakeNotify:
    """One service of the provider's. ``limit`` requests a minute; ``trouble`` is answered in place of the next ones."""

    limit: int = 3000
    daily: int = 250_000
    trouble: list[int | str] = field(default_factory=list[int | str])
    """An HTTP status, or "hang": taken, but the answer never comes."""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    requests: int = 0
    url: str = ""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v2/notifications/{kind:str}", self.send, methods=["POST"]),
                Route("/v2/notifications/{id:str}", self.one, methods=["GET"]),
                Route("/v2/notifications", self.some, methods=["GET"]),
            ]
        )

    async def send(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        kind, said = request.path_params["kind"], await request.json()
        wrong = self._wrong(kind, said)
        if wrong is not None:
            return wrong
        hangs = bool(self.trouble) and self.trouble[0] == "hang"
        answer = self._take(kind, said)
        if hangs:
            self.trouble.pop(0)
            await asyncio.sleep(60)
        return answer

    async def one(self, request: Request) -> Response:
        found = self.kept.get(request.path_params["id"])
        return self._refusal(request) or (JSONResponse(found) if found else _error(404, "NoResultFound", "Not found"))

    async def some(self, request: Request) -> Response:
        wanted = {"reference": "reference", "template_type": "type", "status": "status"}
        asked = {wanted[name]: value for name, value in request.query_params.items() if name in wanted}
        found = [one for one in self.kept.values() if all(one[name] == value for name, value in asked.items())]
        return self._refusal(request) or JSONResponse({"notifications": found[::-1], "links": {"current": "x"}})

    def becomes(self, provider_id: str, status: str | None = None) -> dict[str, Any]:
        """What the simulators say, or this, happens to it; the body of its callback."""
        one = self.kept[provider_id]
        to = one["email_address"] or one["phone_number"]
        one["status"] = status or SIMULATED.get(to, "delivered")
        one["completed_at"] = _now()
        same = {name: one[name] for name in ("id", "reference", "status", "created_at", "completed_at", "sent_at")}
        return same | {
            "to": to,
            "notification_type": one["type"],
            "template_id": one["template"]["id"],
            "template_version": 1,
        }

    def _refusal(self, request: Request) -> Response | None:
        self.requests += 1
        problem = _token_problem(request.headers.get("authorization", ""))
        if problem is not None:
            return _error(403, "AuthError", problem)
        if self.requests > self.limit:
            text = f"Exceeded rate limit for key type LIVE of {self.limit} requests per 60 seconds"
            return _error(429, "RateLimitError", text)
        if self.trouble and isinstance(self.trouble[0], int):
            status = self.trouble.pop(0)
            return _error(int(status), "BadRequestError" if int(status) < 500 else "Exception", "Trouble")
        return None

    def _wrong(self, kind: str, said: Mapping[str, Any]) -> Response | None:
        member = "email_address" if kind == "email" else "phone_number"
        to = said.get(member)
        if not isinstance(to, str) or ADDRESS[kind].fullmatch(to) is None:
            return _error(400, "ValidationError", f"{member} Not a valid address")
        fields = FIELDS.get(str(said.get("template_id")))
        if fields is None or (kind == "email") is not ("subject" in fields):
            return _error(400, "BadRequestError", "Template not found")
        missing = fields - set(said.get("personalisation", {}))
        if missing:
            return _error(400, "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}")
        if kind == "sms" and len(said["personalisation"]["body"]) > MOST_TEXT:
            return _error(400, "BadRequestError", "Text messages cannot be longer than 918 characters")
        if len(self.kept) >= self.daily:
            return _error(429, "TooManyRequestsError", f"Exceeded send limits ({self.daily}) for today")
        return None

    def _take(self, kind: str, said: dict[str, Any]) -> Response:
        self.asked.append((kind, said))
        provider_id, words = str(uuid4()), said["personalisation"]
        to = said["email_address"] if kind == "email" else said["phone_number"]
        one = {
            "id": provider_id,
            "reference": said.get("reference"),
            "email_address": to if kind == "email" else None,
            "phone_number": to if kind == "sms" else None,
            "type": kind,
            "status": "created",
            "template": {"id": said["template_id"], "version": 1, "uri": "x"},
            "body": words["body"],
            "subject": words.get("subject"),
            "created_at": _now(),
            "sent_at": None,
            "completed_at": None,
        }
        if SMOKE.fullmatch(to) is None:
            self.kept[provider_id] = one
        content = {"body": words["body"], "from_number": "40604"} | (
            {"subject": words["subject"], "from_email": "x@example.org"} if kind == "email" else {}
        )
        same = {name: one[name] for name in ("id", "reference", "template")}
        return JSONResponse(same | {"content": content, "uri": "x", "scheduled_for": None}, 201)


def _token_problem(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    try:
        claims = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        return "Invalid token: signature, api token not found"
    if scheme != "Bearer" or claims.get("iss") != SERVICE:
        return "Invalid token: API key not found"
    off = abs(datetime.now(UTC).timestamp() - claims.get("iat", 0))
    return "Error: Your system clock must be accurate to within 30 seconds" if off > CLOCK_OFF else None


def _error(status: int, kind: str, text: str) -> Response:
    return JSONResponse({"status_code": status, "errors": [{"error": kind, "message": text}]}, status)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def served(fake: FakeNotify) -> Generator[FakeNotify]:
    """The fake on a port of its own, in a thread: the official client blocks while it waits."""
    # No logging of its own: a level set here would stay with uvicorn's loggers for every test that comes after.
    config = uvicorn.Config(fake.app(), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    fake.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        server.should_exit = server.force_exit = True
        thread.join(5)


def in_process(fake: FakeNotify) -> httpx2.AsyncClient:
    """A client that reaches the fake without a wire."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(fake.app()))
