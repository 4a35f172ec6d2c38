"""SMTP against a real server in this process: what it answers decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from services.notify.adapters.channels.mail import Sender
from services.notify.adapters.channels.smtp import SmtpChannel, SmtpServer
from services.notify.application.ports import Accepted, Letter, Refused, TryLater, Why
from shared.clock import SystemClock
from shared.settings import Secret
from tests.support.builders_notify import EMAIL, Life

from .conftest import Desk

SENDER = Sender(name="MASH front door", address="front-door@example.org")


@dataclass
class Post:
    """A mail server that answers as it was told to."""

    recipient: str = "250 OK"
    data: str = "250 OK"
    sender: str = "250 OK"
    delay_seconds: float = 0
    cuts: bool = False
    stays: bool = False
    """It takes the letter and never answers the good-bye."""
    received: list[bytes] = field(default_factory=list[bytes])
    port: int = 0

    async def handle_MAIL(  # noqa: N802 -- the server's own name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.delay_seconds)
        if self.cuts and isinstance(_server.transport, asyncio.Transport):
            _server.transport.abort()
        if self.data.startswith("250"):
            self.received.append(envelope.original_content or b"")
        return self.data

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        if self.stays:
            await asyncio.sleep(60)
        return "221 Bye"


def mail_server(post: Post, loop: asyncio.AbstractEventLoop) -> SMTP:
    """One that lets in nobody who tries to prove who they are: no account is known here."""
    return SMTP(
        post,
        hostname="mail.example.org",
        loop=loop,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_require_tls=False,
    )


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    post = Post()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: mail_server(post, loop), "127.0.0.1", 0)
    post.port = server.sockets[0].getsockname()[1]
    yield post
    server.close()
    await server.wait_closed()


def channel(post: Post, **changed: Any) -> SmtpChannel:
    settings: dict[str, Any] = {"host": "127.0.0.1", "port": post.port, "security": "none", "timeout_seconds": 2}
    return SmtpChannel(SmtpServer(**{**settings, **changed}), SENDER, SystemClock())


def a_letter(to: str = EMAIL) -> Letter:
    return Letter(message_id=uuid4(), to=to, subject="We have your contact", body="Thank you.\n", template_hash="abc")


async def test_what_the_server_takes_is_accepted(post: Post) -> None:
    letter = a_letter()
    assert await channel(post).send(letter) == Accepted()
    (content,) = post.received
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Message-ID"] == f"<{letter.message_id}@example.org>"
    assert mail["To"] == EMAIL


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({"recipient": "550 no such user"}, Refused("smtp_550")),
        ({"data": "554 refused"}, Refused("smtp_554")),
        ({"recipient": "451 greylisted, try later"}, TryLater("smtp_451")),
        ({"data": "452 disk full"}, TryLater("smtp_452")),
        ({"data": "421 closing down"}, TryLater("smtp_421", why=Why.HOST)),
        ({"sender": "550 you are not known here"}, TryLater("smtp_550", why=Why.OURS)),
        ({"sender": "450 greylisted, try later"}, TryLater("smtp_450")),
        ({"recipient": "450 greylisted, try later"}, TryLater("smtp_450")),
        ({"recipient": "530 prove who you are"}, TryLater("smtp_530", why=Why.OURS)),
        ({"recipient": "554 5.7.1 relaying denied"}, TryLater("smtp_554", why=Why.OURS)),
        ({"recipient": "550 5.1.1 no such user"}, Refused("smtp_550")),
    ],
)
async def test_the_servers_code_decides(post: Post, answers: dict[str, str], result: object) -> None:
    for name, answer in answers.items():
        setattr(post, name, answer)
    assert await channel(post).send(a_letter()) == result
    assert post.received == []


async def test_nobody_listening_is_tried_later() -> None:
    result = await channel(Post(port=1)).send(a_letter())
    assert isinstance(result, TryLater)
    assert (result.code.split("_")[0], result.why) == ("connection", Why.HOST)


async def test_a_server_that_hangs_is_left_in_time(post: Post) -> None:
    post.delay_seconds = 5
    started = asyncio.get_running_loop().time()
    result = await channel(post, timeout_seconds=0.3).send(a_letter())
    assert isinstance(result, TryLater)
    assert asyncio.get_running_loop().time() - started < 3


async def test_what_was_taken_is_accepted_though_the_good_bye_is_never_answered(post: Post) -> None:
    post.stays = True
    started = asyncio.get_running_loop().time()
    assert await channel(post, timeout_seconds=10).send(a_letter()) == Accepted()
    assert asyncio.get_running_loop().time() - started < 5
    assert len(post.received) == 1


async def test_a_good_bye_that_outlasts_the_time_limit_takes_back_nothing(post: Post) -> None:
    post.stays = True
    assert await channel(post, timeout_seconds=0.5).send(a_letter()) == Accepted()


async def test_without_the_encryption_we_ask_for_nothing_is_sent(post: Post) -> None:
    wanted = TryLater("smtp_not_supported", why=Why.OURS)
    assert await channel(post, security="starttls").send(a_letter()) == wanted
    assert post.received == []


async def test_a_server_that_does_not_speak_tls_as_agreed_is_ours_to_mend(post: Post) -> None:
    result = await channel(post, security="tls").send(a_letter())
    assert result == TryLater("smtp_tls_failed", why=Why.OURS)


async def test_a_wrong_password_drops_nothing(post: Post) -> None:
    wrong = channel(post, username="front-door", password=Secret("wrong"))
    assert await wrong.send(a_letter()) == TryLater("smtp_535", why=Why.OURS)
    assert post.received == []


async def test_a_connection_cut_in_mid_letter_is_the_hosts_fault(post: Post) -> None:
    post.cuts = True
    result = await channel(post).send(a_letter())
    assert isinstance(result, TryLater)
    assert (result.code, result.why) == ("connection_SMTPServerDisconnected", Why.HOST)


async def test_an_unusable_address_is_refused_before_any_call() -> None:
    assert await channel(Post(port=1)).send(a_letter("not an address")) == Refused("address_unusable")


async def test_the_whole_loop_over_smtp_greylisted_once(desk: Desk, post: Post) -> None:
    post.recipient = "451 greylisted"
    await desk.hear([Life().received()])
    await desk.courier(channel(post)).deliver_due()
    post.recipient = "250 OK"
    desk.clock.advance(5)
    await desk.courier(channel(post)).deliver_due()
    assert len(post.received) == 1
    assert await desk.states() == ["sent"]
