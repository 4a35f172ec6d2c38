"""A letter as an e-mail, the same on every attempt: its Message-ID is our message id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from services.notify.application.ports import Letter

_MOST_ADDRESS_CHARACTERS: Final = 254
_DIGITS_SHOWN: Final = 3


class UnusableAddress(Exception):
    """Not an address that mail can go to. The text never holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whom our mail comes from."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The right-hand side of our message ids."""
        return self.address.rpartition("@")[2]


def compose(letter: Letter, sender: Sender, *, now: datetime) -> EmailMessage:
    """The e-mail. Raises UnusableAddress."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = check_address(letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{letter.message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # so that an out-of-office reply does not answer us
    message.set_content(letter.body, cte="quoted-printable")
    return message


def check_address(text: str) -> Address:
    """An address that mail can go to. Raises UnusableAddress."""
    # Nothing that could become a second header or a second recipient gets past here.
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]\\"')
    usable = plain and text.count("@") == 1 and len(text) <= _MOST_ADDRESS_CHARACTERS
    try:
        address = Address(addr_spec=text) if usable else None
    except (ValueError, IndexError, LookupError, MessageError):
        address = None
    if address is None or not address.username or "." not in address.domain:
        raise UnusableAddress
    return address


def masked(address: str) -> str:
    """Enough to recognise it, not enough to know it: j…@example.org, …123."""
    if address.removeprefix("+").isdigit():
        return f"…{address[-_DIGITS_SHOWN:]}"
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}" if name and domain else "…"
