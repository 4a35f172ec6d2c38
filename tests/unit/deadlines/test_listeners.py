"""One who listens: kept awake, dropped when too slow, ended with the token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from services.deadlines.adapters.channels.listeners import MOST_WAITING, Listener
from services.deadlines.adapters.queries.stream import Position
from shared.web.event_stream import EventStream

HERE = Position(at=1, seen="5:5:", until="5:5:")
NO_DATABASE = cast("AsyncEngine", None)  # nobody here reads the past


def listener(beat_seconds: float = 15) -> Listener:
    reading = asyncio.Semaphore(1)
    return Listener(caller="me", after=None, joined=HERE, reading=reading, beat_seconds=beat_seconds)


async def all_of(one: Listener, *, lives_seconds: float = 60) -> list[bytes]:
    return [frame async for frame in one.frames(NO_DATABASE, lives_seconds=lives_seconds)]


async def test_it_says_where_it_begins_and_why_it_ends() -> None:
    one = listener()
    one.end("stopping")
    assert await all_of(one) == [b"retry: 2000\nid: 1~5:5:\n\n", b'event: end\ndata: {"reason": "stopping"}\n\n']


async def test_a_comment_comes_while_nothing_happens_until_the_token_ends() -> None:
    frames = await all_of(listener(beat_seconds=0.01), lives_seconds=0.2)
    assert b": still here\n\n" in frames
    assert frames[-1] == b'event: end\ndata: {"reason": "token_expired"}\n\n'


async def test_who_does_not_keep_up_is_dropped_and_nobody_waits_for_it() -> None:
    slow, quick = listener(), listener()
    reader = asyncio.create_task(all_of(quick, lives_seconds=0.3))
    for number in range(MOST_WAITING + 1):
        slow.offer(b"%d" % number)
        quick.offer(b"%d" % number)
        await asyncio.sleep(0)
    assert (await all_of(slow))[-1] == b'event: end\ndata: {"reason": "too_slow"}\n\n'
    assert (await reader)[1:-1] == [b"%d" % number for number in range(MOST_WAITING + 1)]


async def test_who_takes_nothing_is_let_go() -> None:
    closed: list[str] = []

    async def frames() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            closed.append("frames")

    async def never_taken(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    stream = EventStream(frames(), on_end=lambda: closed.append("place"), send_seconds=0.05)
    await asyncio.wait_for(stream({"type": "http"}, asyncio.Event().wait, never_taken), 5)  # type: ignore[arg-type]
    assert closed == ["frames", "place"]


async def test_who_leaves_is_noticed_though_nothing_is_sent() -> None:
    closed: list[str] = []

    async def leaves() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def takes(message: dict[str, Any]) -> None:
        del message

    stream = EventStream(listener().frames(NO_DATABASE, lives_seconds=60), on_end=lambda: closed.append("place"))
    await asyncio.wait_for(stream({"type": "http"}, leaves, takes), 5)  # type: ignore[arg-type]
    assert closed == ["place"]
