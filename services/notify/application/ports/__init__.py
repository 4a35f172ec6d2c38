"""What notify's handlers and commands need of the world, as protocols."""

from .outside import (
    Accepted,
    AddressAway,
    AddressBook,
    Channel,
    HandedOver,
    Letter,
    Receipts,
    Recipient,
    Refused,
    SendResult,
    TryLater,
    Why,
)
from .webhooks import WebhookDirectory
from .work import Attempt, Attempts, Attested, Contacts, Due, Ladders, Messages, Packs, Rota, Rotas, Told, Turns, Work

__all__ = [
    "Accepted",
    "AddressAway",
    "AddressBook",
    "Attempt",
    "Attempts",
    "Attested",
    "Channel",
    "Contacts",
    "Due",
    "HandedOver",
    "Ladders",
    "Letter",
    "Messages",
    "Packs",
    "Receipts",
    "Recipient",
    "Refused",
    "Rota",
    "Rotas",
    "SendResult",
    "Told",
    "TryLater",
    "Turns",
    "WebhookDirectory",
    "Why",
    "Work",
]
