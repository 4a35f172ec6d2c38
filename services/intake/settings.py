"""Intake's settings: those all services share."""

from __future__ import annotations

import os

from shared.service import CommonSettings
from shared.settings import Environment


def read_settings() -> CommonSettings:
    """Reads them from the environment. Raises SettingMissing or SettingInvalid, naming the variable."""
    return CommonSettings.read(Environment(os.environ), "intake")
