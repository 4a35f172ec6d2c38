"""E-mail into a folder: for runs on one machine, where people want to see what would have been sent."""

from __future__ import annotations

import asyncio
import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID

from services.notify.application.ports import Accepted, Letter, Refused, SendResult
from shared.clock import Clock

from .mail import Sender, UnusableAddress, compose


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One e-mail in the folder."""

    message_id: UUID
    to: str
    subject: str
    sent_at: datetime
    body: str


class MailboxChannel:
    """Writes each letter as ``<message id>.eml``. Sent twice it is one file: what a careful receiver makes of it."""

    name = "mailbox"

    def __init__(self, folder: Path, sender: Sender, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def host(self, letter: Letter) -> str:
        """One folder, on this machine."""
        del letter
        return self.name

    async def send(self, letter: Letter) -> SendResult:
        """Accepted once the file stands under its name: whole, or not at all."""
        try:
            message = compose(letter, self._sender, now=self._clock.now())
        except UnusableAddress:
            return Refused("address_unusable")
        await asyncio.to_thread(self._write, letter.message_id, message)
        return Accepted()

    def _write(self, message_id: UUID, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._folder / f"{message_id}.part"
        unfinished.write_bytes(message.as_bytes())
        unfinished.replace(self._folder / f"{message_id}.eml")


class Mailbox:
    """Reads the folder, for people who want to look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def newest(self, most: int) -> list[Posted]:
        """The e-mails in the folder, newest first."""
        return await asyncio.to_thread(self._newest, most)

    async def one(self, message_id: UUID) -> Posted | None:
        """One e-mail; None where it is not there."""
        return await asyncio.to_thread(self._one, message_id)

    def _newest(self, most: int) -> list[Posted]:
        files = sorted(self._folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        return [_read(path) for path in files[:most]]

    def _one(self, message_id: UUID) -> Posted | None:
        path = self._folder / f"{message_id}.eml"
        return _read(path) if path.is_file() else None


def _read(path: Path) -> Posted:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Posted(
        message_id=UUID(path.stem),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(message["Date"])),
        body=str(message.get_content()).replace("\r\n", "\n"),
    )
