"""Notify's tables."""

from .duty import ALERT_TURN, DUTY_LADDER, DUTY_ROTA
from .messages import ATTEMPT, CONTACT, MESSAGE, TOLD
from .metadata import METADATA

__all__ = ["ALERT_TURN", "ATTEMPT", "CONTACT", "DUTY_LADDER", "DUTY_ROTA", "MESSAGE", "METADATA", "TOLD"]
