"""E-mail by SMTP. What the server says decides: 2xx taken, 4xx later, 5xx about this message never."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

import aiosmtplib

from services.notify.application.ports import Accepted, Letter, Refused, SendResult, TryLater
from shared.clock import Clock
from shared.logging import get_logger
from shared.settings import Secret

from .mail import Sender, UnusableAddress, compose

PERMANENT: Final = 500
log = get_logger()


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

    async def send(self, letter: Letter) -> SendResult:
        """Tries once, within the server's time limit. Raises nothing of the server's."""
        try:
            message = compose(letter, self._sender, now=self._clock.now())
        except UnusableAddress:
            return Refused("address_unusable")
        try:
            async with asyncio.timeout(self._server.timeout_seconds):
                await self._hand_over(message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as failure:
            return _result_of(failure)
        return Accepted()

    async def _hand_over(self, message: EmailMessage) -> None:
        server = self._server
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.username,
            password=server.password.reveal() if server.password else None,
            timeout=server.timeout_seconds,
            local_hostname=self._sender.domain,
        )


def _result_of(failure: Exception) -> SendResult:
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        return _about_this_message(failure.recipients[0].code)
    if isinstance(failure, aiosmtplib.SMTPDataError | aiosmtplib.SMTPRecipientRefused):
        return _about_this_message(failure.code)
    if isinstance(failure, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPSenderRefused):
        # A fault of our own set-up must not drop a notice: it waits, loudly, until somebody has mended it.
        log.error("the mail server refuses us", code=failure.code)
    if isinstance(failure, aiosmtplib.SMTPResponseException):
        return TryLater(f"smtp_{failure.code}")
    return TryLater(f"connection_{type(failure).__name__}")


def _about_this_message(code: int) -> SendResult:
    return Refused(f"smtp_{code}") if code >= PERMANENT else TryLater(f"smtp_{code}")
