"""Notify's tables."""

from .duty import ALERT_TURN, DUTY_LADDER, DUTY_ROTA
from .messages import ATTEMPT, CONTACT, MESSAGE, TOLD
from .metadata import METADATA
from .webhooks import WEBHOOK, WEBHOOK_ATTEMPT, WEBHOOK_DELIVERY, WEBHOOK_EVENT

__all__ = [
    "ALERT_TURN",
    "ATTEMPT",
    "CONTACT",
    "DUTY_LADDER",
    "DUTY_ROTA",
    "MESSAGE",
    "METADATA",
    "TOLD",
    "WEBHOOK",
    "WEBHOOK_ATTEMPT",
    "WEBHOOK_DELIVERY",
    "WEBHOOK_EVENT",
]
