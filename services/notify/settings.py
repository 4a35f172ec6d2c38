"""Notify's settings: those all services share, and how people are reached."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from services.notify.domain.policy.webhook_urls import AllowedPrivate
from shared.service import ROOT, CommonSettings
from shared.settings import Environment, Secret, SettingInvalid


@dataclass(frozen=True, kw_only=True)
class NotifySettings:
    """Every knob of notify. Times are in seconds."""

    common: CommonSettings
    client_id: str
    client_secret: Secret
    channel: str
    mailbox_folder: Path
    templates_folder: Path
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_username: str | None
    smtp_password: Secret | None
    smtp_timeout_seconds: float
    mail_from: str
    mail_from_name: str
    duty_team_address: str
    phone: str
    staff_url: str
    """Where staff look at a contact; ``{contact_id}`` is put in."""
    webhook_allow_private: AllowedPrivate = field(default_factory=AllowedPrivate)
    """Where webhooks may lead beside the public Internet."""

    @classmethod
    def read(cls, env: Environment) -> Self:
        """Reads them. Raises SettingMissing or SettingInvalid, naming the variable and what it must be."""
        common = CommonSettings.read(env, "notify")
        channel = env.choice("MASH_NOTIFY_CHANNEL", ("mailbox", "smtp"), default="smtp")
        if channel == "mailbox" and common.environment == "production":
            raise SettingInvalid("MASH_NOTIFY_CHANNEL=mailbox reaches nobody: not with MASH_ENV=production")
        data = Path(env.text("MASH_DATA_DIR", str(ROOT / "data")))
        password = env.optional("MASH_SMTP_PASSWORD")
        # No default in production: alerts that end at nobody's address would be the silence we promise not to keep.
        invented = {} if common.environment == "production" else {"default": "duty@example.org"}
        team = env.text("MASH_DUTY_TEAM_ADDRESS", **invented)
        if team.count("@") != 1:
            raise SettingInvalid("MASH_DUTY_TEAM_ADDRESS must be an e-mail address: it is where every alert ends")
        return cls(
            common=common,
            client_id=env.text("MASH_NOTIFY_CLIENT_ID"),
            client_secret=env.secret("MASH_NOTIFY_CLIENT_SECRET"),
            channel=channel,
            mailbox_folder=Path(env.text("MASH_MAILBOX_DIR", str(data / "mailbox"))),
            templates_folder=Path(__file__).parent / "templates",
            smtp_host=env.text("MASH_SMTP_HOST", "127.0.0.1"),
            smtp_port=env.integer("MASH_SMTP_PORT", 587, minimum=1, maximum=65535),
            smtp_security=env.choice("MASH_SMTP_SECURITY", ("starttls", "tls", "none"), default="starttls"),
            smtp_username=env.optional("MASH_SMTP_USERNAME"),
            smtp_password=Secret(password) if password else None,
            smtp_timeout_seconds=env.number("MASH_SMTP_TIMEOUT_SECONDS", 15, minimum=1, maximum=30),
            mail_from=env.text("MASH_MAIL_FROM", "front-door@example.org"),
            mail_from_name=env.text("MASH_MAIL_FROM_NAME", "MASH front door"),
            duty_team_address=team,
            phone=env.text("MASH_PHONE", "01632 960000"),
            staff_url=env.text("MASH_STAFF_URL", "http://127.0.0.1:8002/v1/triage/{contact_id}"),
            webhook_allow_private=_allowed(env, production=common.environment == "production"),
        )


def _allowed(env: Environment, *, production: bool) -> AllowedPrivate:
    text = env.text("MASH_WEBHOOK_ALLOW_PRIVATE", "")
    try:
        return AllowedPrivate.read(text, production=production)
    except ValueError as fault:
        raise SettingInvalid(f"MASH_WEBHOOK_ALLOW_PRIVATE {fault}") from None


def read_settings() -> NotifySettings:
    """Reads them from this process's environment."""
    return NotifySettings.read(Environment(os.environ))
