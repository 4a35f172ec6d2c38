"""The outside, as notify's commands see it: a channel that reaches somebody, and where addresses come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready to go: only here does an address stand in the open."""

    message_id: UUID
    to: str
    subject: str
    body: str
    template_hash: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The channel has taken it. That is the proof."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken: a person must act. ``code`` is a word or number, never the provider's text."""

    code: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now; ``retry_after`` is what the provider wishes, in seconds."""

    code: str
    retry_after: float = 0


SendResult = Accepted | Refused | TryLater


class Channel(Protocol):
    """A way to reach somebody."""

    @property
    def name(self) -> str:
        """Its code in events and in the log of attempts."""
        ...

    async def send(self, letter: Letter) -> SendResult:
        """Tries once, within its own time limit. The letter's message id goes out as the provider's reference."""
        ...


class AddressAway(Exception):
    """The address is not to be had now: try again, it costs no attempt. ``reason`` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a referrer's message goes to, as intake knows them now. Never kept."""

    email: str | None
    sender_reference: str | None


class AddressBook(Protocol):
    """Where addresses come from at the moment of sending."""

    async def recipient(self, contact_id: UUID) -> Recipient | None:
        """The referrer; None where intake does not know the contact (any more). Raises AddressAway."""
        ...
