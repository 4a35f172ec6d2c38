"""Those who listen to the stream of clock changes: one reader of the database for all of this process's listeners."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from services.deadlines.adapters.queries.stream import Position, pages, position_now
from shared.database.faults import is_infrastructure
from shared.figures import Figures
from shared.logging import get_logger
from shared.messaging.patience import Patience

POLL_SECONDS: Final = 0.25
BEAT_SECONDS: Final = 15.0
RETRY_MILLISECONDS: Final = 2000
MOST_WAITING: Final = 64
"""Pages that may wait for one listener: who is further behind is dropped, and reads on from its last event."""
MOST_READING: Final = 2
"""Listeners that read the past at the same time: after a restart all of them come back at once."""
MOST_OF_ONE_CALLER: Final = 5

log = get_logger()


class TooManyListeners(Exception):
    """No more fit into this process."""


class TooManyOfYours(Exception):
    """One caller listens so often already that one more would be a mistake."""


class Listener:
    """One open connection. ``frames`` is what it is sent, until it ends."""

    def __init__(
        self,
        *,
        caller: str,
        after: Position | None,
        joined: Position,
        reading: asyncio.Semaphore,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self.caller = caller
        self._after = after
        self._joined = joined
        self._reading = reading
        self._beat_seconds = beat_seconds
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._ended = asyncio.Event()
        self._reason = ""

    def offer(self, page: bytes) -> None:
        """A page for it; one who does not keep up is dropped."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(page)
            return
        self.end("too_slow")

    def end(self, reason: str) -> None:
        """Ends it: nothing more is sent but why."""
        self._reason = self._reason or reason
        self._ended.set()

    async def frames(self, engine: AsyncEngine, *, lives_seconds: float) -> AsyncGenerator[bytes]:
        """What is sent: the past since its last event, then what happens, a comment while nothing does, and the end."""
        expiry = asyncio.get_running_loop().call_later(max(0.0, lives_seconds), self.end, "token_expired")
        try:
            yield _frame(retry=RETRY_MILLISECONDS, id=str(self._after or self._joined))
            if self._after is not None:
                async for page in self._past(engine, self._after):
                    yield page
            while (page := await self._next()) is not None:
                yield page
            yield _frame(event="end", data=json.dumps({"reason": self._reason}))
        finally:
            expiry.cancel()

    async def _past(self, engine: AsyncEngine, after: Position) -> AsyncGenerator[bytes]:
        for part in (after, after.towards(self._joined)):
            reader = pages(engine, part)
            while not self._ended.is_set():
                async with self._reading:
                    rows = await anext(reader, None)
                if rows is None:
                    break
                yield page_of(part, rows)

    async def _next(self) -> bytes | None:
        """The next page; a comment where there is none for a while; None at the end."""
        if self._ended.is_set():
            return None
        got, ended = asyncio.ensure_future(self._waiting.get()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({got, ended}, timeout=self._beat_seconds, return_when=asyncio.FIRST_COMPLETED)
            if got.done():
                return got.result()
            return None if self._ended.is_set() else b": still here\n\n"
        finally:
            got.cancel()
            ended.cancel()


class Listeners:
    """All listeners of this process. ``run`` reads for them; before it and after it a stream ends as it begins."""

    def __init__(self, engine: AsyncEngine, *, most: int, figures: Figures) -> None:
        self._engine = engine
        self._figures = figures
        self._most = most
        self._open: set[Listener] = set()
        self._position: Position | None = None
        self._lock = asyncio.Lock()
        self._reading = asyncio.Semaphore(MOST_READING)
        self._somebody = asyncio.Event()
        self._running = False

    def __len__(self) -> int:
        """How many listen."""
        return len(self._open)

    async def join(self, caller: str, after: Position | None) -> Listener:
        """One more listener, from after ``after``, else from now. Raises TooManyListeners or TooManyOfYours."""
        async with self._lock:
            if Counter(one.caller for one in self._open)[caller] >= MOST_OF_ONE_CALLER:
                raise TooManyOfYours
            if len(self._open) >= self._most:
                raise TooManyListeners
            # Read up to now first: whatever an earlier connection was sent, here or elsewhere, is older than this.
            joined = await self._read()
            listener = Listener(caller=caller, after=after, joined=joined, reading=self._reading)
            self._open.add(listener)
            self._figures.listeners(len(self._open))
        self._somebody.set()
        if not self._running:
            listener.end("stopping")
        return listener

    def leave(self, listener: Listener) -> None:
        """Its connection is closed."""
        self._open.discard(listener)
        self._figures.listeners(len(self._open))
        if not self._open:
            self._somebody.clear()

    async def run(self, stop: asyncio.Event) -> None:
        """Reads while anybody listens, until ``stop``; then every stream ends, so that the process can."""
        self._running = True
        stopped = asyncio.ensure_future(stop.wait())
        patience = Patience()
        try:
            while not stop.is_set():
                if not self._open:
                    somebody = asyncio.ensure_future(self._somebody.wait())
                    await asyncio.wait({stopped, somebody}, return_when=asyncio.FIRST_COMPLETED)
                    somebody.cancel()
                await self._read_or_wait(stop, patience)
                await asyncio.wait({stopped}, timeout=POLL_SECONDS)
        finally:
            self._running = False
            stopped.cancel()
            for listener in self._open:
                listener.end("stopping")

    async def _read_or_wait(self, stop: asyncio.Event, patience: Patience) -> None:
        try:
            async with self._lock:
                await self._read()
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("the stream waits for its database", error=type(error).__name__)
            await patience.wait(stop)
        else:
            patience.reset()

    async def _read(self) -> Position:
        """Reads what is new, for all who listen; where nobody does, only how far we are. The lock is held."""
        now = await position_now(self._engine)
        if self._open and self._position is not None:
            part = self._position.towards(now)
            async for rows in pages(self._engine, part):
                page = page_of(part, rows)
                for listener in self._open:
                    listener.offer(page)
        self._position = now
        return now


def page_of(part: Position, rows: Sequence[Any]) -> bytes:
    """Events as they are sent, made once for everybody."""
    return b"".join(_event(part.at_event(row), row) for row in rows)


def _event(position: Position, row: Any) -> bytes:
    headers = dict(row.headers)
    kind = headers["ce_type"].split(".")[3]
    said = {
        "event_id": str(row.event_id),
        "type": kind,
        "time": headers["ce_time"],
        "contact_id": str(row.contact_id),
        "sequence": row.sequence,
        "data": json.loads(row.value),
    }
    name = kind.removeprefix("Deadline").lower()
    return _frame(event=name, id=str(position), data=json.dumps(said, separators=(",", ":")))


def _frame(**fields: object) -> bytes:
    """One block of the event stream format; none of our values holds a line's end."""
    return ("".join(f"{name}: {value}\n" for name, value in fields.items()) + "\n").encode()
