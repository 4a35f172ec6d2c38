"""Triage's own settings, beside those that all services share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from shared.service import CommonSettings
from shared.settings import Environment


@dataclass(frozen=True, kw_only=True)
class TriageSettings:
    """Real seconds: how long an answer of another service may take before we say it again."""

    common: CommonSettings
    reconcile_seconds: float = 60
    clocks_within_seconds: float = 60
    informed_within_seconds: float = 900
    """Longer than a mail server's ordinary delays; a failed delivery is an answer too."""

    @classmethod
    def read(cls, env: Environment) -> Self:
        """Reads them. Raises SettingMissing or SettingInvalid, naming the variable."""
        return cls(
            common=CommonSettings.read(env, "triage"),
            reconcile_seconds=env.number("MASH_TRIAGE_RECONCILE_SECONDS", cls.reconcile_seconds, minimum=1),
            clocks_within_seconds=env.number("MASH_TRIAGE_CLOCKS_WITHIN_SECONDS", cls.clocks_within_seconds, minimum=1),
            informed_within_seconds=env.number(
                "MASH_TRIAGE_INFORMED_WITHIN_SECONDS", cls.informed_within_seconds, minimum=1
            ),
        )
