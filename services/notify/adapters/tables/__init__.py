"""Notify's tables."""

from .duty import ALERT_TURN, DUTY_LADDER, DUTY_ROTA
from .messages import ATTEMPT, CONTACT, MESSAGE, TOLD
from .metadata import METADATA
from .templates import TEMPLATE_TEXT, TEMPLATE_VERSION
from .webhooks import WEBHOOK, WEBHOOK_ATTEMPT, WEBHOOK_DELIVERY, WEBHOOK_EVENT

__all__ = [
    "ALERT_TURN",
    "ATTEMPT",
    "CONTACT",
    "DUTY_LADDER",
    "DUTY_ROTA",
    "MESSAGE",
    "METADATA",
    "TEMPLATE_TEXT",
    "TEMPLATE_VERSION",
    "TOLD",
    "WEBHOOK",
    "WEBHOOK_ATTEMPT",
    "WEBHOOK_DELIVERY",
    "WEBHOOK_EVENT",
]
