"""An application that lives in an event loop of its own, for tools that bring theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")


class Elsewhere:
    """Runs coroutines in a thread's event loop, where database connections stay what they are."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that is run there."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=60)

    def app(self, app: ASGIApp) -> ASGIApp:
        """The application for callers in any loop: it itself runs there."""

        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            here = asyncio.get_running_loop()

            async def receive_from_here() -> Message:
                return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_message(receive), here))

            async def send_to_here(message: Message) -> None:
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_sent(send, message), here))

            there = app(scope, receive_from_here, send_to_here)
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_done(there), self.loop))

        return call


async def _message(receive: Receive) -> Message:
    return await receive()


async def _sent(send: Send, message: Message) -> None:
    await send(message)


async def _done(call: Any) -> None:
    await call


@contextmanager
def elsewhere() -> Generator[Elsewhere]:
    """An event loop in a thread, stopped at the end."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="elsewhere", daemon=True)
    thread.start()
    try:
        yield Elsewhere(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
