"""What notify is sent and what it answers. Addresses stand masked everywhere but in the rota and the mailbox."""

from .duty import DutyPeriodIn, DutyRotaIn, DutyRotaOut, RotaWarning, RungOut, TeamIn
from .mailbox import MailboxOut, PostedOut
from .notifications import AttemptOut, AttestedOut, NotificationDetail, NotificationList, NotificationOut, ToldIn

__all__ = [
    "AttemptOut",
    "AttestedOut",
    "DutyPeriodIn",
    "DutyRotaIn",
    "DutyRotaOut",
    "MailboxOut",
    "NotificationDetail",
    "NotificationList",
    "NotificationOut",
    "PostedOut",
    "RotaWarning",
    "RungOut",
    "TeamIn",
    "ToldIn",
]
