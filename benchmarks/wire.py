"""A client that does as little as can be, so that a benchmark on two shared cores does not measure its own client."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One request: its answer, and the seconds from when it was due (open loop) or sent (closed loop). Status 0: none
    within the limit.
    """

    status: int
    body: bytes
    seconds: float


class Wire:
    """One HTTP/1.1 connection to a port of this machine, kept alive."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Wire:
        """Connects."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        self._writer.write(head.encode() + body)
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await self._reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(answer)
            content = await self._reader.readexactly(int(length[1]) if length else 0)
        return int(answer[9:12]), content

    def close(self) -> None:
        """Hangs up."""
        self._writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """What is posted to a port: ``body`` gives the n-th body; callers take turns (each has its own rate limit)."""

    port: int
    path: str
    callers: tuple[Mapping[str, str], ...]
    body: Callable[[int], bytes]

    async def _one(self, wire: Wire, number: int, due: float) -> Answered:
        caller = self.callers[number % len(self.callers)]
        headers = {**caller, "Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        status, content = await wire.post(self.path, headers, self.body(number))
        return Answered(status, content, time.monotonic() - due)

    async def closed_loop(self, *, connections: int, seconds: float) -> list[Answered]:
        """Each connection posts again as soon as it is answered."""
        end = time.monotonic() + seconds

        async def one_after_the_other(at: int) -> list[Answered]:
            wire = await Wire.open(self.port)
            answers: list[Answered] = []
            try:
                while (now := time.monotonic()) < end:
                    answers.append(await self._one(wire, at + connections * len(answers), now))
            finally:
                wire.close()
            return answers

        return [one for many in await asyncio.gather(*map(one_after_the_other, range(connections))) for one in many]

    async def open_loop(self, *, rate: float, seconds: float) -> list[Answered]:
        """Offers ``rate`` a second whatever the answers do; latency counts from when a request was due."""
        idle: list[Wire] = []
        start = time.monotonic()

        async def post(number: int) -> Answered:
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            try:
                wire = idle.pop() if idle else await Wire.open(self.port)
                answered = await self._one(wire, number, due)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                return Answered(0, b"", time.monotonic() - due)
            idle.append(wire)
            return answered

        try:
            return await asyncio.gather(*(post(number) for number in range(int(rate * seconds))))
        finally:
            for wire in idle:
                wire.close()
