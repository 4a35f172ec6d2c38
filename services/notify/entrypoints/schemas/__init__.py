"""What notify is sent and what it answers. Addresses stand masked everywhere but in the rota and the mailbox."""

from .duty import DutyPeriodIn, DutyRotaIn, DutyRotaOut, RungOut
from .mailbox import MailboxOut, PostedOut
from .notifications import AttemptOut, AttestedOut, NotificationDetail, NotificationList, NotificationOut, ToldIn
from .receipts import GovukReceiptIn

__all__ = [
    "AttemptOut",
    "AttestedOut",
    "DutyPeriodIn",
    "DutyRotaIn",
    "DutyRotaOut",
    "GovukReceiptIn",
    "MailboxOut",
    "NotificationDetail",
    "NotificationList",
    "NotificationOut",
    "PostedOut",
    "RungOut",
    "ToldIn",
]
