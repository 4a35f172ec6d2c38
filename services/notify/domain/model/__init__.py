"""The aggregates of notify: a contact's facts, its messages, and the ladder of duty staff."""

from .contact import UNKNOWN_REFERENCE, ClockStep, Contact, Decision, Subject
from .duty import EMAIL, DutyPeriod, Ladder, Reach, Rota, next_rung_at, on_duty, role_of
from .message import Message, message_id
from .paging import Episode, Paging
from .receipt import Receipt, Verdict
from .states import MOVES, SETTLED, Kind, Move, NotAllowed, State
from .turn import Turn

__all__ = [
    "EMAIL",
    "MOVES",
    "SETTLED",
    "UNKNOWN_REFERENCE",
    "ClockStep",
    "Contact",
    "Decision",
    "DutyPeriod",
    "Episode",
    "Kind",
    "Ladder",
    "Message",
    "Move",
    "NotAllowed",
    "Paging",
    "Reach",
    "Receipt",
    "Rota",
    "State",
    "Subject",
    "Turn",
    "Verdict",
    "message_id",
    "next_rung_at",
    "on_duty",
    "role_of",
]
