"""E-mail by SMTP. What the server says decides: 2xx taken, 4xx later, 5xx about this message never, about us later.

Greylisting is a 4xx like any other: the second try comes after five seconds, the fifth after half an hour.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

import aiosmtplib

from services.notify.application.ports import Accepted, Letter, Refused, SendResult, TryLater, Why
from shared.clock import Clock
from shared.settings import Secret

from .mail import Sender, UnusableAddress, compose

QUIT_SECONDS: Final = 1
"""The letter is settled by then: a server that does not answer the good-bye is not waited for."""
CLOSING: Final = 421
PERMANENT: Final = 500
NOT_PROVEN: Final = frozenset({530, 534, 535, 538})
"""Said of a recipient or a letter, these are about us: we have not proven who we are (RFC 4954)."""
POLICY: Final = "5.7."
"""Relaying refused, a sender not trusted (RFC 3463): whoever runs the servers must mend it, the address is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and how we hand mail over."""

    host: str
    port: int
    security: str
    """starttls (refused without it), tls (from the first byte) or none."""
    username: str | None = None
    password: Secret | None = None
    timeout_seconds: float = 15


class SmtpChannel:
    """Hands each letter to one mail server. Its acceptance is the proof."""

    name = "email"

    def __init__(self, server: SmtpServer, sender: Sender, clock: Clock) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock

    def host(self, letter: Letter) -> str:
        """The mail server that all letters are handed to."""
        del letter
        return self._server.host

    async def send(self, letter: Letter) -> SendResult:
        """Tries once, within the server's time limit. Raises nothing of the server's. What the server said of the
        letter stands, whatever becomes of the connection after it.
        """
        try:
            message = compose(letter, self._sender, now=self._clock.now())
        except UnusableAddress:
            return Refused("address_unusable")
        client = self._client()
        try:
            result, hears_us = await self._hand_over(client, message)
            if hears_us:
                await _take_leave(client)
        finally:
            client.close()
        return result

    async def _hand_over(self, client: aiosmtplib.SMTP, message: EmailMessage) -> tuple[SendResult, bool]:
        """What came of it, and whether the server is still there to be taken leave of."""
        try:
            async with asyncio.timeout(self._server.timeout_seconds):
                await client.connect()
                await client.send_message(message)
        except (aiosmtplib.SMTPException, OSError) as failure:
            return _result_of(failure), not isinstance(failure, OSError)  # a timeout and a cut are both OSErrors
        return Accepted(), True

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.username,
            password=server.password.reveal() if server.password else None,
            timeout=server.timeout_seconds,
            local_hostname=self._sender.domain,
        )


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    """QUIT, whose answer changes nothing."""
    with suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(QUIT_SECONDS):
            await client.quit()


def _result_of(failure: Exception) -> SendResult:
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        failure = failure.recipients[0]
    if isinstance(failure, aiosmtplib.SMTPResponseException):
        return _by_code(failure)
    if isinstance(failure, ssl.SSLError) or isinstance(failure.__cause__, ssl.SSLError):
        return TryLater("smtp_tls_failed", why=Why.OURS)
    if type(failure) in (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported):
        return TryLater("smtp_not_supported", why=Why.OURS)  # no STARTTLS, or no way to prove who we are
    return TryLater(f"connection_{type(failure).__name__}", why=Why.HOST)


def _by_code(failure: aiosmtplib.SMTPResponseException) -> SendResult:
    code = f"smtp_{failure.code}"
    about_this_message = isinstance(failure, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
    greylisted = about_this_message or isinstance(failure, aiosmtplib.SMTPSenderRefused)
    if failure.code == CLOSING or (failure.code < PERMANENT and not greylisted):
        return TryLater(code, why=Why.HOST)
    if failure.code < PERMANENT:
        return TryLater(code)
    # A fault of our own set-up must not drop a notice: it waits, loudly, until somebody has mended it.
    if not about_this_message or failure.code in NOT_PROVEN or failure.message.startswith(POLICY):
        return TryLater(code, why=Why.OURS)
    return Refused(code)
