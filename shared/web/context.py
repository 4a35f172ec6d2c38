"""What goes with every request: correlation id, trace, security headers, a measurement, an answer whatever happens."""

import re
import secrets
import time
from typing import Final
from uuid import UUID, uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.database.faults import is_infrastructure
from shared.logging import bound, get_logger
from shared.metrics import Metrics
from shared.web.problems import Problem, problem_for, problem_response

CORRELATION_HEADER: Final = "X-Correlation-ID"
_TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_SECURITY_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "interest-cohort=()"),
)
_API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
# The API page has its script and style from here; nothing else of ours is HTML.
_PAGE_POLICY: Final = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data:; "
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'"
)
_UNSTORABLE_TEXT: Final = frozenset({"22021", "22P05"})  # PostgreSQL keeps no NUL in a text

log = get_logger()


def correlation_id(connection: HTTPConnection) -> UUID:
    """The id that follows this request through events to the provider: the caller's if it was a UUID, else ours."""
    value: UUID = connection.state.correlation_id
    return value


def traceparent(connection: HTTPConnection) -> str:
    """The W3C trace context of this request: the caller's if valid, else a new one."""
    value: str = connection.state.traceparent
    return value


def new_traceparent() -> str:
    """A new, unsampled trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


class RequestContext:
    """The outermost middleware (pure ASGI, so that streams and cancellation pass untouched)."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        """Wrap `app`."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation = _uuid(headers.get(CORRELATION_HEADER)) or uuid4()
        trace = headers.get("traceparent", "")
        state = scope.setdefault("state", {})
        state["correlation_id"] = correlation
        state["traceparent"] = trace if _TRACEPARENT.fullmatch(trace) else new_traceparent()
        answer = _Answer(scope, send)
        started = time.perf_counter()
        with bound(correlation_id=str(correlation)):
            try:
                await self._app(scope, receive, answer.send)
            except Exception as error:
                if answer.status:  # too late for another answer: let the server cut the connection
                    raise
                await problem_response(scope, _problem_of(error, scope))(scope, receive, answer.send)
            finally:
                status = answer.status or 499  # nobody was there any more to answer
                # A stream is answered when it begins: how long somebody listened is no measure of us.
                ended = answer.streaming_since or time.perf_counter()
                self._metrics.http(scope["method"], route_template(scope), status, ended - started)


class _Answer:
    """Adds the common headers to whatever is sent, and remembers the status."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.status = 0
        self.streaming_since: float | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[CORRELATION_HEADER] = str(self._scope["state"]["correlation_id"])
            for name, value in _SECURITY_HEADERS:
                headers[name] = value
            page = headers.get("content-type", "").startswith("text/html")
            if headers.get("content-type", "").startswith("text/event-stream"):
                self.streaming_since = time.perf_counter()
            headers["Content-Security-Policy"] = _PAGE_POLICY if page else _API_POLICY
            headers.setdefault("Cache-Control", "no-store")
            for name, value in self._scope["state"].get("rate_headers", ()):
                headers[name] = value
        await self._send(message)


def _problem_of(error: Exception, scope: Scope) -> Problem:
    """The answer for what nobody caught. The log gets its type and place, the caller a correlation id."""
    if isinstance(error, Problem):
        return error
    if getattr(getattr(error, "orig", error), "sqlstate", None) in _UNSTORABLE_TEXT:
        return Problem(400, "unstorable_text", detail="A text holds a character that cannot be stored.")
    if is_infrastructure(error):
        log.warning("a part is away", route=route_template(scope), exc_info=error)
        return problem_for(503)
    log.error("request failed", route=route_template(scope), exc_info=error)
    return problem_for(500)


def route_template(scope: Scope) -> str:
    """`/v1/contacts/{id}`, never the path itself, which holds ids and whatever a stranger typed."""
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    return template if isinstance(template, str) else "unmatched"


def _uuid(text: str | None) -> UUID | None:
    if text is None or len(text) != 36:  # noqa: PLR2004 -- the one spelling: no braces, no urn, no bare hex
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
