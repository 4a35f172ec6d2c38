"""An answer that does not end by itself (text/event-stream): as long as the caller listens and keeps up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SEND_SECONDS: Final = 10.0
"""Who has not taken a piece by then is no longer listening, whatever the connection says."""


class EventStream(Response):
    """Sends what ``frames`` yields until it ends, the caller leaves, or does not take it; then calls ``on_end``."""

    media_type = "text/event-stream"

    def __init__(
        self, frames: AsyncGenerator[bytes], *, on_end: Callable[[], None], send_seconds: float = SEND_SECONDS
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})  # a proxy must not wait for the end
        del self.headers["content-length"]
        self._frames = frames
        self._on_end = on_end
        self._send_seconds = send_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI
        """Serve it."""
        talking = asyncio.ensure_future(self._talk(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({talking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done():
                talking.result()
        finally:
            talking.cancel()
            leaving.cancel()
            await asyncio.gather(talking, leaving, return_exceptions=True)
            await self._frames.aclose()
            self._on_end()

    async def _talk(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for frame in self._frames:
                async with asyncio.timeout(self._send_seconds):
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
        except TimeoutError:
            return  # the server cuts a connection whose answer was not completed
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
