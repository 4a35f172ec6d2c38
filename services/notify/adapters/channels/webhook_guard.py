"""Looks a webhook's name up, once for each call, and lets through only addresses that may be connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import httpx2

from services.notify.domain.policy.webhook_answers import CONNECT_SECONDS
from services.notify.domain.policy.webhook_urls import (
    MOST_URL_CHARACTERS,
    AllowedPrivate,
    WebhookRefused,
    check_address,
    check_place,
)

Resolve = Callable[[str, int], Awaitable[list[str]]]
HTTPS: Final = 443
THREADS: Final = 16
"""A look-up that hangs holds a thread; there is one look-up a name at most, so that one partner holds one."""


class NameUnknown(Exception):
    """Nobody answers to the name, or not in time."""


@dataclass(frozen=True, slots=True)
class Place:
    """A URL that has been read and found right in form. ``host`` is in ASCII."""

    url: httpx2.URL
    host: str
    port: int

    @property
    def host_header(self) -> str:
        """The name as the receiver knows itself."""
        return self.host if self.port == HTTPS else f"{self.host}:{self.port}"


class SystemResolver:
    """The machine's own resolver, in threads of its own: nobody else's work waits for a slow name server."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook-names")
        self._asked: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        """The name's addresses. Raises OSError."""
        asked = self._asked.get((host, port))
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
            self._asked[(host, port)] = asked
            asked.add_done_callback(lambda done: self._forget((host, port), done))
        return await asyncio.shield(asked)

    def close(self) -> None:
        """Waits for nothing: a look-up that hangs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _forget(self, key: tuple[str, int], done: asyncio.Future[list[str]]) -> None:
        self._asked.pop(key, None)
        if not done.cancelled():
            done.exception()  # somebody has seen it, even where everybody had stopped waiting


class Guard:
    """Where webhooks may lead. Asked at registration, and at every single call: names change."""

    def __init__(self, resolve: Resolve, allowed: AllowedPrivate) -> None:
        self._resolve = resolve
        self._allowed = allowed

    def read(self, text: str) -> Place:
        """The URL, if it is right in form. Raises WebhookRefused."""
        try:
            url = httpx2.URL(text)
            host = url.raw_host.decode("ascii").rstrip(".").lower()
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            raise _unreadable() from None
        if len(text) > MOST_URL_CHARACTERS or not text.isprintable() or url.fragment:
            raise _unreadable()
        check_place(scheme=url.scheme, user=bool(url.userinfo), host=host, allowed=self._allowed)
        return Place(url.copy_with(host=host), host, url.port or HTTPS)

    async def addresses(self, place: Place) -> list[str]:
        """The addresses of the name, all of which may be connected to. Raises WebhookRefused and NameUnknown."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                found = await self._resolve(place.host, place.port)
        except (OSError, UnicodeError):  # TimeoutError is an OSError
            raise NameUnknown from None
        if not found:
            raise NameUnknown
        checked = [check_address(one, host=place.host, port=place.port, allowed=self._allowed) for one in found]
        return [str(one) for one in checked]


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _unreadable() -> WebhookRefused:
    return WebhookRefused("url_unreadable", "Send one https address without a fragment, at most 2,000 characters long.")
