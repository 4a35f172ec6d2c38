"""The outside, as notify's commands see it: a channel that reaches somebody, and where addresses come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Protocol
from uuid import UUID

from services.notify.domain.model import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready to go: only here does an address stand in the open.

    ``to`` is what the channel understands: an e-mail address, a mobile number, an organisation's id. ``live_links``: it
    holds a link of ours and no words of others. ``again``: it was tried before, so that a provider may have it already.
    """

    message_id: UUID
    to: str
    subject: str
    body: str
    template_hash: str
    live_links: bool = False
    again: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The recipient's own system has taken it: that is the proof. ``receipt``: a provider says so, by this name of its
    own.
    """

    outcome: ClassVar[str] = "accepted"
    provider_id: str | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A provider has taken it and will say what comes of it. No proof yet."""

    outcome: ClassVar[str] = "handed_over"
    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel will never take it. ``code`` is a word or number, never the provider's text."""

    outcome: ClassVar[str] = "refused"
    code: str


class Why(Enum):
    """Whose the fault is, where something is to be tried later."""

    NOT_NOW = "not_now"  # the host answers sensibly, only not now (greylisted, too many)
    HOST = "host"  # the host does not answer, or not sensibly: after five in a row it is left alone
    OURS = "ours"  # our own set-up is refused (a credential, a sender): an alarm, and slowly, until it is mended


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now; ``retry_after`` is what the provider wishes, in seconds."""

    outcome: ClassVar[str] = "trylater"
    code: str
    retry_after: float = 0
    why: Why = Why.NOT_NOW


SendResult = Accepted | HandedOver | Refused | TryLater


class Channel(Protocol):
    """A way to reach somebody."""

    @property
    def name(self) -> str:
        """Its code in events and in the log of attempts."""
        ...

    def host(self, letter: Letter) -> str:
        """What is called for this letter: hosts fail, and are left alone, each by itself."""
        ...

    async def send(self, letter: Letter) -> SendResult:
        """Tries once, within its own time limit. The letter's message id goes out as the provider's reference."""
        ...


class Receipts(Protocol):
    """Where a provider is asked what came of what it took."""

    async def receipt(self, provider_id: str) -> Receipt | None:
        """What it knows now. None where it knows nothing of it, or cannot be asked."""
        ...


class AddressAway(Exception):
    """The address is not to be had now: try again, it costs no attempt. ``reason`` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a referrer's message goes to, as intake knows them now. Never kept. ``mobile`` is in international form."""

    email: str | None
    sender_reference: str | None
    mobile: str | None = None


class AddressBook(Protocol):
    """Where addresses come from at the moment of sending."""

    async def recipient(self, contact_id: UUID) -> Recipient | None:
        """The referrer; None where intake does not know the contact (any more). Raises AddressAway."""
        ...
