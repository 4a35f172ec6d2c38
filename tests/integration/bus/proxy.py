"""A proxy in front of the PostgreSQL socket that can break off, or hang, without harm to others on the server."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Proxy:
    """Listens on 127.0.0.1 and passes on to a Unix socket."""

    def __init__(self, socket: str, *, role: str) -> None:
        self.role = role
        self.port = 0
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._socket = socket
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Accept connections, on the same port every time."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def break_off(self) -> None:
        """Refuse new connections and drop those there."""
        if self._server is not None:
            self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._socket)
        for source, target in ((reader, there_writer), (there_reader, writer)):
            pipe = asyncio.create_task(self._pass_on(source, target))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while data := await source.read(65536):
                    await self.flowing.wait()  # cleared by a test: the server hangs
                    target.write(data)
                    await target.drain()
        finally:
            target.close()
