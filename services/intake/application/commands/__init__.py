"""What partners and staff ask intake to do."""

from .erasing import erase_contact
from .receiving import Followed, Received, receive_contact
from .telling import About, Challenge, Information, Withdrawal, add_information, challenge_decision, request_withdrawal

__all__ = [
    "About",
    "Challenge",
    "Followed",
    "Information",
    "Received",
    "Withdrawal",
    "add_information",
    "challenge_decision",
    "erase_contact",
    "receive_contact",
    "request_withdrawal",
]
