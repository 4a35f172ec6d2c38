"""Notify's tables."""

from .duty import ALERT_TURN, DUTY_LADDER, DUTY_ROTA
from .messages import ATTEMPT, CONTACT, MESSAGE, TOLD
from .metadata import METADATA
from .templates import TEMPLATE_TEXT, TEMPLATE_VERSION

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
]
