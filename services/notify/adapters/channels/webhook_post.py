"""One POST to a partner's receiver: to the very address that was checked, under the name that was registered.

The request goes to the address; the name is kept for the Host header, for SNI and for the certificate. Each call has a
connection of its own, so that none is shared between names that lead to one address. No redirect is followed, no proxy
is taken from the environment, no cookie is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx2

from services.notify.domain.model.webhook import Webhook
from services.notify.domain.model.webhook_delivery import PartnerEvent
from services.notify.domain.policy.webhook_answers import CALL_SECONDS, CONNECT_SECONDS, Answer
from services.notify.domain.policy.webhook_urls import WebhookRefused

from .webhook_guard import Guard, NameUnknown, Place
from .webhook_words import body_of, headers_of

MOST_ANSWER_BYTES: Final = 4096
ANSWER_SECONDS: Final = 1
"""The status decides. Of the body a little is read, so that a receiver is not cut off in the middle of a short one."""
MOST_ADDRESSES: Final = 3


class WebhookPost:
    """Calls receivers. ``trust`` is whose certificates are believed; the machine's own store by default."""

    def __init__(self, guard: Guard, *, trust: ssl.SSLContext | None = None, seconds: float = CALL_SECONDS) -> None:
        self.guard = guard
        self._trust = trust
        self._seconds = seconds

    def host_of(self, url: str) -> str:
        """The name that a breaker and the bounds go by."""
        return httpx2.URL(url).host

    async def tell(self, webhook: Webhook, event: PartnerEvent, *, now: datetime) -> Answer:
        """Tries once to post this event, signed with every secret of the webhook that is live."""
        body = body_of(event)
        headers = headers_of(
            event.id,
            body,
            now=now,
            secrets=webhook.secrets(now),
            correlation_id=event.correlation_id,
            traceparent=event.traceparent,
        )
        return await self.send(webhook.url, body, headers, now=now)

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Answer:
        """Tries once. Raises nothing of the receiver's, nor of the network's."""
        try:
            async with asyncio.timeout(self._seconds):
                place = self.guard.read(url)
                return await self._call(place, await self.guard.addresses(place), body, headers, now)
        except WebhookRefused as refused:
            return Answer(fault=refused.code)
        except NameUnknown:
            return Answer(fault="name_unknown")
        except TimeoutError:
            return Answer(fault="timeout")
        except httpx2.HTTPError as failure:
            return Answer(fault=_word(failure))

    async def _call(
        self, place: Place, addresses: list[str], body: bytes, headers: Mapping[str, str], now: datetime
    ) -> Answer:
        *others, last = addresses[:MOST_ADDRESSES]
        for address in others:
            with contextlib.suppress(httpx2.ConnectError, httpx2.ConnectTimeout):  # nothing has been sent: the next one
                return await self._post(place, address, body, headers, now)
        return await self._post(place, last, body, headers, now)

    async def _post(self, place: Place, address: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
        transport = httpx2.AsyncHTTPTransport(verify=self._context(), trust_env=False)
        limits = httpx2.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds))
        own = {
            **headers,
            "Host": place.host_header,
            "User-Agent": "mash-front-door",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        async with httpx2.AsyncClient(
            transport=transport, timeout=limits, trust_env=False, follow_redirects=False
        ) as client:
            url = place.url.copy_with(host=address, port=place.port)
            request = client.build_request(
                "POST", url, content=body, headers=own, extensions={"sni_hostname": place.host}
            )
            response = await client.send(request, stream=True)
            try:
                await _read_a_little(response)
            finally:
                await response.aclose()
        return Answer(status=response.status_code, retry_after=_seconds(response.headers.get("retry-after"), now))

    def _context(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context()
        return self._trust


async def _read_a_little(response: httpx2.Response) -> None:
    with contextlib.suppress(httpx2.HTTPError, TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            read = 0
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read >= MOST_ANSWER_BYTES:
                    return


def _word(failure: httpx2.HTTPError) -> str:
    """A fault as one of a few words: never the library's text, which may hold the address."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls_failed"
        cause = cause.__cause__ or cause.__context__
    if isinstance(failure, httpx2.ConnectTimeout):
        return "connect_timeout"
    if isinstance(failure, httpx2.TimeoutException):
        return "timeout"
    return "connect_failed" if isinstance(failure, httpx2.ConnectError) else "connection_lost"


def _seconds(text: str | None, now: datetime) -> float:
    """Retry-After in seconds, given as a number or as a date (RFC 9110); 0 where it says nothing usable."""
    if text is None:
        return 0
    if text.strip().isascii() and text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return 0
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
