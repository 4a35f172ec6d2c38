"""Reads a request's body before anything else looks at it: bounded in size, whatever its headers say, and in time."""

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import problem_for, problem_response

MIB: Final = 1024 * 1024
READ_SECONDS: Final = 30.0


class _TooLarge(Exception):
    """More bytes than allowed."""


class _Gone(Exception):
    """The client left before it had said all."""


class BoundedBody:
    """Answers 413 for a body over its limit and 408 for one that takes too long; hands the rest on in one piece."""

    def __init__(
        self, app: ASGIApp, *, limit: int, limits: Mapping[str, int], read_seconds: float = READ_SECONDS
    ) -> None:
        """`limit` in bytes for every path, but for those in `limits`."""
        self._app = app
        self._limit = limit
        self._limits = limits
        self._read_seconds = read_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length")
        if declared is None and "transfer-encoding" not in headers and scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], self._limit)
        try:
            async with asyncio.timeout(self._read_seconds):
                body = await _read(receive, limit, declared)
        except _TooLarge:
            # close: what is still on its way must not be taken for the next request
            await problem_response(scope, problem_for(413, {"Connection": "close"}))(scope, receive, send)
        except TimeoutError:
            await problem_response(scope, problem_for(408, {"Connection": "close"}))(scope, receive, send)
        except _Gone:
            return
        else:
            await self._app(scope, _replay(body, receive), send)


async def _read(receive: Receive, limit: int, declared: str | None) -> bytes:
    if declared is not None and declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise _TooLarge  # before a byte of it is read
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > limit:
            raise _TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()  # a stream waits here for the client's leaving
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
