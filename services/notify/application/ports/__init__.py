"""What notify's handlers and commands need of the world, as protocols."""

from .outside import Accepted, AddressAway, AddressBook, Channel, Letter, Recipient, Refused, SendResult, TryLater
from .work import Attempt, Attempts, Attested, Contacts, Due, Ladders, Messages, Packs, Rotas, Told, Turns, Work

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
    "Ladders",
    "Letter",
    "Messages",
    "Packs",
    "Recipient",
    "Refused",
    "Rotas",
    "SendResult",
    "Told",
    "TryLater",
    "Turns",
    "Work",
]
