"""What notify is sent and what it answers. Addresses stand masked everywhere but in the rota and the mailbox."""

from .duty import DutyPeriodIn, DutyRotaIn, DutyRotaOut, RotaWarning, RungOut, TeamIn
from .mailbox import MailboxOut, PostedOut
from .notifications import (
    AttemptOut,
    AttestedOut,
    LetterOut,
    NotificationDetail,
    NotificationList,
    NotificationOut,
    ToldIn,
    ToldOut,
)
from .receipts import GovukReceiptIn
from .templates import (
    PreviewedOut,
    PreviewIn,
    PreviewOut,
    ReadingOut,
    TemplateDetail,
    TemplateIn,
    TemplateList,
    TemplateOut,
    TemplateTextOut,
    TemplateVersionOut,
)

__all__ = [
    "AttemptOut",
    "AttestedOut",
    "DutyPeriodIn",
    "DutyRotaIn",
    "DutyRotaOut",
    "GovukReceiptIn",
    "LetterOut",
    "MailboxOut",
    "NotificationDetail",
    "NotificationList",
    "NotificationOut",
    "PostedOut",
    "PreviewIn",
    "PreviewOut",
    "PreviewedOut",
    "ReadingOut",
    "RotaWarning",
    "RungOut",
    "TeamIn",
    "TemplateDetail",
    "TemplateIn",
    "TemplateList",
    "TemplateOut",
    "TemplateTextOut",
    "TemplateVersionOut",
    "ToldIn",
    "ToldOut",
]
